// m = β1·m + (1-β1)·g;  v = β2·v + (1-β2)·g²;  w = w·(1 - lr·λ) - (lr / (1-β1^t))·m / (sqrt(v / (1-β2^t)) + ε)
//
// AdamW with decoupled weight decay over every trainable weight in one launch (torch.optim.AdamW), with the clip
// factor of clipFactor.wgsl applied to the gradient. Called by ops/adamw.ts.
//
//   weights, m, v [P] f32    gradient f32    blocks as in gradientNorm.wgsl    norm [2] f32
//
// One workgroup covers one block of at most 256 weights, by cells: floats or, where all blocks allow, quads
// (lib/cells*.wgsl).

struct Params {
  blocks: u32,         // number of blocks
  beta1: f32,
  rest1: f32,          // 1 - beta1, rounded once from f64 (as torch does), not in the shader
  beta2: f32,
  rest2: f32,          // 1 - beta2
  epsilon: f32,
  weight_decay: f32,   // λ
}

@group(0) @binding(0) var<storage, read_write> weights: array<Cell>;
@group(0) @binding(1) var<storage, read> gradient: array<Cell>;
@group(0) @binding(2) var<storage, read_write> m: array<Cell>;
@group(0) @binding(3) var<storage, read_write> v: array<Cell>;
@group(0) @binding(4) var<storage, read> blocks: array<u32>;
@group(0) @binding(5) var<storage, read> norm: array<f32>;
@group(0) @binding(6) var<uniform> params: Params;
@group(0) @binding(7) var<uniform> step: Step;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let block = group.x + group.y * groups.x;
  if (block >= params.blocks || norm[1] < 0.0) {
    return;
  }
  let first_weight = blocks[block * 3u] / CELL;
  let first_gradient = blocks[block * 3u + 1u] / CELL;
  let cells = blocks[block * 3u + 2u] / CELL;
  let clip = norm[1];
  let kept = 1.0 - step.learning_rate * params.weight_decay;
  let rate = step.learning_rate / step.bias1;
  for (var i = index; i < cells; i += 64u) {
    let at = first_weight + i;
    let g = clip * gradient[first_gradient + i];
    let first_moment = params.beta1 * m[at] + params.rest1 * g;
    let second_moment = params.beta2 * v[at] + params.rest2 * g * g;
    m[at] = first_moment;
    v[at] = second_moment;
    let denominator = sqrt(second_moment / step.bias2) + params.epsilon;
    weights[at] = weights[at] * kept - rate * first_moment / denominator;
  }
}
