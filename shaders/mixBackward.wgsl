// du[n,m,i,r] = g_i·dv[n,m,(i or 0),r], or Σ_i g_i·dv[n,m,i,r];   dz_i = g_i·(dg_i − Σ_j g_j·dg_j) + p_i·(c_i − Σ_j p_j·c_j)
//
// Gradient of mix.wgsl, with dg_i = Σ_r u_i[r]·dv_i[r] (method.md, section 2). An expert that top-k left out has g_i = 0
// and gets nothing from the first term. The second is the balance loss's: c_i = balance·f_i / counted tokens of the step,
// where f_i, the share of tokens that go to expert i (routerLoad.wgsl), counts as a constant; rows that do not count in
// the loss have none. Called by ops/lowRank/mix.ts.
//
//   u, du [N, modules·U] f32, U = u_heads·R   dv [N, modules·W] f32, W = v_heads·R   gates as mix.wgsl leaves them
//   shares [routers, E] f32   targets [N] i32   dz [N, modules·E] f32
//
// One workgroup covers 64 / E rows of one module (workgroup_id.z): first a thread for each gate, then one for each du.

struct Params {
  rows: u32,     // N
  rank: u32,     // R
  experts: u32,  // E, at most 64
  modules: u32,  // that read the same x
  u_heads: u32,  // u's of a module: E or 1
  v_heads: u32,  // v's of a module: E or 1
  router: u32,   // index of the first module's router
  balance: f32,  // coefficient of the balance loss times E / routers
}

@group(0) @binding(0) var<storage, read> u: array<f32>;
@group(0) @binding(1) var<storage, read> dv: array<f32>;
@group(0) @binding(2) var<storage, read> gates: array<f32>;
@group(0) @binding(3) var<storage, read> shares: array<f32>;
@group(0) @binding(4) var<storage, read> targets: array<i32>;
@group(0) @binding(5) var<storage, read_write> du: array<f32>;
@group(0) @binding(6) var<storage, read_write> dz: array<f32>;
@group(0) @binding(7) var<uniform> params: Params;
@group(0) @binding(8) var<uniform> step: Step;

const THREADS = 64u;

var<workgroup> weights: array<f32, THREADS>;  // g
var<workgroup> moments: array<vec2f, THREADS>; // g·dg and p·c

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) index: u32) {
  let experts = params.experts;
  let rank = params.rank;
  let u_width = params.u_heads * rank;
  let v_width = params.v_heads * rank;
  let rows_of_group = THREADS / experts;
  let first_row = group.x * rows_of_group;
  let module_index = group.z;
  let row = first_row + index / experts;
  let i = index % experts;
  let owns = index < rows_of_group * experts && row < params.rows;
  let slot = row * params.modules + module_index;

  var gate = 0.0;
  var probability = 0.0;
  var dgate = 0.0;
  var pull = 0.0; // c
  if (owns) {
    probability = gates[slot * (2u * experts + 1u) + i];
    gate = gates[slot * (2u * experts + 1u) + experts + i];
    let at_u = slot * u_width + select(0u, i * rank, params.u_heads == experts);
    let at_v = slot * v_width + select(0u, i * rank, params.v_heads == experts);
    for (var r = 0u; r < rank; r++) {
      dgate += u[at_u + r] * dv[at_v + r];
    }
    if (targets[row] >= 0) {
      pull = params.balance * step.inv_tokens * shares[(params.router + module_index) * experts + i];
    }
    weights[index] = gate;
    moments[index] = vec2f(gate * dgate, probability * pull);
  }
  workgroupBarrier();

  if (owns) {
    var sums = vec2f();
    for (var j = 0u; j < experts; j++) {
      sums += moments[index - i + j];
    }
    dz[slot * experts + i] = gate * (dgate - sums.x) + probability * (pull - sums.y);
  }

  for (var output = index; output < rows_of_group * u_width; output += THREADS) {
    let local = output / u_width;
    let n = first_row + local;
    if (n < params.rows) {
      let column = output % u_width;
      let v_row = (n * params.modules + module_index) * v_width;
      var value = 0.0;
      if (params.u_heads == experts) {
        value = weights[local * experts + column / rank] * dv[v_row + select(column % rank, column, params.v_heads == experts)];
      } else {
        for (var j = 0u; j < experts; j++) {
          value += weights[local * experts + j] * dv[v_row + j * rank + column];
        }
      }
      du[(n * params.modules + module_index) * u_width + column] = value;
    }
  }
}
