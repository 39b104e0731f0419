// norm = sqrt(Σ_w partials[w]);  clip = min(1, max_grad_norm / (norm + 1e-6)), as torch.nn.utils.clip_grad_norm_
//
// Second stage of the global gradient norm. max_grad_norm = 0 turns clipping off. Called by ops/adamw.ts.
//
//   partials [count] f32    norm [2] f32: the norm before clipping, and the factor for the gradients, which is
//   -1 where the norm is no number: AdamW then leaves everything as it is. The -1 stays until the CPU has taken it
//   away, so that steps which were submitted behind a diverged one change nothing either
//
// One workgroup; its threads walk the partials in a fixed order.

struct Params {
  count: u32,         // number of partials
  max_grad_norm: f32, // 0: no clipping
}

@group(0) @binding(0) var<storage, read> partials: array<f32>;
@group(0) @binding(1) var<storage, read_write> norm: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

const THREADS = 64u;

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) index: u32) {
  var sum = 0.0;
  for (var i = index; i < params.count; i += 64u) {
    sum += partials[i];
  }
  let total = sqrt(workgroup_sum(sum, index));
  if (index == 0u) {
    norm[0] = total;
    let clip = select(1.0, min(1.0, params.max_grad_norm / (total + 1e-6)), params.max_grad_norm > 0.0);
    // Comparisons with NaN cannot be relied on, so its exponent bits are tested.
    let finite = (bitcast<u32>(total) & 0x7f800000u) != 0x7f800000u;
    let stopped = bitcast<u32>(norm[1]) == 0xbf800000u; // -1
    norm[1] = select(-1.0, clip, finite && !stopped);
  }
}
