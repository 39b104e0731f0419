// norms[t] = (‖g_t‖, ‖Δw_t‖) of every trainable tensor t: its gradient, and what the last step changed in it
//
// With the step's own numbers and what AdamW left behind (adamw.wgsl): u = (lr / bias1)·m / (sqrt(v / bias2) + ε) was
// taken off w·(1 - lr·λ), so that w, m and v as they are now give Δw = -(lr·λ·w + u) / (1 - lr·λ) without a copy of the
// weights from before. Only reads what a run needs. Called by ops/tensorNorms.ts, between steps.
//
//   weights, m, v [P] f32    gradient f32, before clipping    tensors [T, 3] u32: first weight, first gradient
//   element, length    norms [T] vec2f
//
// One workgroup covers one tensor; its threads walk the elements in a fixed order.

struct Params {
  tensors: u32,      // T
  epsilon: f32,
  weight_decay: f32, // λ
}

@group(0) @binding(0) var<storage, read> weights: array<f32>;
@group(0) @binding(1) var<storage, read> gradient: array<f32>;
@group(0) @binding(2) var<storage, read> m: array<f32>;
@group(0) @binding(3) var<storage, read> v: array<f32>;
@group(0) @binding(4) var<storage, read> tensors: array<u32>;
@group(0) @binding(5) var<storage, read_write> norms: array<vec2f>;
@group(0) @binding(6) var<uniform> params: Params;
@group(0) @binding(7) var<uniform> step: Step;

const THREADS = 64u;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let tensor = group.x + group.y * groups.x;
  if (tensor >= params.tensors) {
    return;
  }
  let first_weight = tensors[tensor * 3u];
  let first_gradient = tensors[tensor * 3u + 1u];
  let length = tensors[tensor * 3u + 2u];
  let decay = step.learning_rate * params.weight_decay;
  let rate = step.learning_rate / step.bias1;
  var gradients = 0.0;
  var updates = 0.0;
  for (var i = index; i < length; i += THREADS) {
    let at = first_weight + i;
    let g = gradient[first_gradient + i];
    let taken = rate * m[at] / (sqrt(v[at] / step.bias2) + params.epsilon);
    let update = (decay * weights[at] + taken) / (1.0 - decay);
    gradients += g * g;
    updates += update * update;
  }
  gradients = workgroup_sum(gradients, index);
  updates = workgroup_sum(updates, index);
  if (index == 0u) {
    norms[tensor] = sqrt(vec2f(gradients, updates));
  }
}
