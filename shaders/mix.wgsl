// v[n, m·W + j·R + r] = g[n,m,j]·u[n, m·U + (j or 0)·R + r], or Σ_i g[n,m,i]·u[n, m·U + i·R + r]
//
// Routing of the low-rank block, for all modules that read the same x, in one launch (method.md, section 2): from a
// router's logits z = x Routerᵀ the probabilities p = softmax(z) over all E experts, and the gates g: p itself, or with
// top_k < E the softmax over the top_k largest logits, which is p renormalised over them; equal logits are taken in the
// order of the experts. Then what the up-projections read. With a head for each expert (v_heads = E: HydraLoRA,
// LoRA-MoE) it is g_i u_i, or g_i u where there is one u (u_heads = 1); with one (MASA) Σ_i g_i u_i.
// Called by ops/lowRank/mix.ts.
//
//   z [N, modules·E] f32   u [N, modules·U] f32, U = u_heads·R   v [N, modules·W] f32, W = v_heads·R
//   gates [N, modules, 2E + 1] f32: p, g, and the index of the largest logit
//
// One workgroup covers 64 / E rows of one module (workgroup_id.z): first a thread for each gate, then one for each v.

struct Params {
  rows: u32,     // N
  rank: u32,     // R
  experts: u32,  // E, at most 64
  modules: u32,  // that read the same x
  top_k: u32,    // experts that a token goes to, 1 to E
  u_heads: u32,  // u's of a module: E or 1
  v_heads: u32,  // v's of a module: E or 1
}

@group(0) @binding(0) var<storage, read> z: array<f32>;
@group(0) @binding(1) var<storage, read> u: array<f32>;
@group(0) @binding(2) var<storage, read_write> gates: array<f32>;
@group(0) @binding(3) var<storage, read_write> v: array<f32>;
@group(0) @binding(4) var<uniform> params: Params;

const THREADS = 64u;

var<workgroup> logits: array<f32, THREADS>;
var<workgroup> chosen: array<f32, THREADS>; // exp(z - max) of the experts that are taken, 0 of the others
var<workgroup> weights: array<f32, THREADS>; // g

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) index: u32) {
  let experts = params.experts;
  let rows_of_group = THREADS / experts;
  let first_row = group.x * rows_of_group;
  let module_index = group.z;
  let row = first_row + index / experts;
  let i = index % experts;
  let first = index - i; // of the row's experts in workgroup memory
  let owns = index < rows_of_group * experts && row < params.rows;

  if (owns) {
    logits[index] = z[(row * params.modules + module_index) * experts + i];
  }
  workgroupBarrier();

  var own = 0.0; // exp(z - max)
  var sum = 0.0;
  var larger = 0u; // experts that come before this one
  if (owns) {
    let logit = logits[index];
    var largest = logit;
    for (var j = 0u; j < experts; j++) {
      let other = logits[first + j];
      largest = max(largest, other);
      if (other > logit || (other == logit && j < i)) {
        larger++;
      }
    }
    for (var j = 0u; j < experts; j++) {
      sum += exp(logits[first + j] - largest);
    }
    own = exp(logit - largest);
    chosen[index] = select(0.0, own, larger < params.top_k);
  }
  workgroupBarrier();

  if (owns) {
    var taken = 0.0;
    for (var j = 0u; j < experts; j++) {
      taken += chosen[first + j];
    }
    let gate = chosen[index] / taken;
    let at = (row * params.modules + module_index) * (2u * experts + 1u);
    gates[at + i] = own / sum;
    gates[at + experts + i] = gate;
    weights[index] = gate;
    if (larger == 0u) {
      gates[at + 2u * experts] = f32(i);
    }
  }
  workgroupBarrier();

  let rank = params.rank;
  let width = params.v_heads * rank;
  for (var output = index; output < rows_of_group * width; output += THREADS) {
    let local = output / width;
    let n = first_row + local;
    if (n < params.rows) {
      let column = output % width;
      let u_row = (n * params.modules + module_index) * params.u_heads * rank;
      var value = 0.0;
      if (params.v_heads == experts) {
        value = weights[local * experts + column / rank] * u[u_row + select(column % rank, column, params.u_heads == experts)];
      } else {
        for (var j = 0u; j < experts; j++) {
          value += weights[local * experts + j] * u[u_row + j * rank + column];
        }
      }
      v[(n * params.modules + module_index) * width + column] = value;
    }
  }
}
