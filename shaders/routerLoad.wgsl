// totals[router,i] += (Σ_n g_i, number of n whose largest gate is i, −Σ_n p_i·ln p_i, f_i·Σ_n p_i);   shares[router,i] = f_i
//
// What the routers of the modules that read the same x do with the tokens of a micro-batch that count in the loss (n
// runs over these): the load of each expert, the entropy, and f_i, the share of tokens that go to expert i, for the
// balance loss E·Σ_i f_i·(mean of p_i) (Fedus et al. 2021, eq. 4 to 6; for top-k as Mixtral has it). With top-k a token
// goes to every expert whose gate is not 0; where all experts run it counts for the one with the largest gate.
// Called by ops/lowRank/mix.ts.
//
//   gates [N, modules, 2E + 1] f32 (mix.wgsl)   targets [N] i32   shares [routers, E] f32   totals [routers, E] vec4f
//
// One workgroup covers one expert (workgroup_id.x) of one module (workgroup_id.z); its 64 threads share the rows.

struct Params {
  rows: u32,     // N
  experts: u32,  // E
  modules: u32,  // that read the same x
  router: u32,   // index of the first module's router
  dense: u32,    // 1: all experts run
}

@group(0) @binding(0) var<storage, read> gates: array<f32>;
@group(0) @binding(1) var<storage, read> targets: array<i32>;
@group(0) @binding(2) var<storage, read_write> shares: array<f32>;
@group(0) @binding(3) var<storage, read_write> totals: array<vec4f>;
@group(0) @binding(4) var<uniform> params: Params;

const THREADS = 64u;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) index: u32) {
  let experts = params.experts;
  let expert = group.x;
  var counted = 0.0;
  var load = 0.0;
  var largest = 0.0;
  var taken = 0.0;
  var probability = 0.0;
  var entropy = 0.0;
  for (var row = index; row < params.rows; row += THREADS) {
    if (targets[row] >= 0) {
      let at = (row * params.modules + group.z) * (2u * experts + 1u);
      let p = gates[at + expert];
      let g = gates[at + experts + expert];
      counted += 1.0;
      load += g;
      largest += select(0.0, 1.0, gates[at + 2u * experts] == f32(expert));
      taken += select(0.0, 1.0, g > 0.0);
      probability += p;
      if (p > 0.0) {
        entropy -= p * log(p);
      }
    }
  }
  counted = workgroup_sum(counted, index);
  load = workgroup_sum(load, index);
  largest = workgroup_sum(largest, index);
  taken = workgroup_sum(taken, index);
  probability = workgroup_sum(probability, index);
  entropy = workgroup_sum(entropy, index);
  if (index == 0u) {
    let share = select(taken, largest, params.dense == 1u) / max(counted, 1.0);
    let at = (params.router + group.z) * experts + expert;
    shares[at] = share;
    totals[at] += vec4f(load, largest, entropy, share * probability);
  }
}
