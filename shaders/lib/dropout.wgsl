// Dropout masks by a counter hash, never stored: the same in forward, backward and recomputation. The definition
// is src/engine/ops/dropoutHash.ts, with which these functions agree bit for bit.

fn lowbias32(value: u32) -> u32 {
  var h = value;
  h ^= h >> 16u;
  h *= 0x7feb352du;
  h ^= h >> 15u;
  h *= 0x846ca68bu;
  h ^= h >> 16u;
  return h;
}

fn chain(key: u32, value: u32) -> u32 {
  return lowbias32(key ^ (value * 0x9e3779b9u));
}

// Key of one mask: of this micro-batch, for one module and expert.
fn dropout_key(seed: u32, step: u32, micro: u32, layer: u32, module_index: u32, expert: u32) -> u32 {
  return chain(chain(chain(chain(chain(seed, step), micro), layer), module_index), expert);
}

// 0, or 1 / (1 - p) where the element is kept. `threshold` is round(p·2^32).
fn dropout_mask(key: u32, element: u32, threshold: u32, kept: f32) -> f32 {
  return select(0.0, kept, lowbias32(key ^ lowbias32(element)) >= threshold);
}

fn lowbias32x4(value: vec4u) -> vec4u {
  var h = value;
  h ^= h >> vec4u(16u);
  h *= 0x7feb352du;
  h ^= h >> vec4u(15u);
  h *= 0x846ca68bu;
  h ^= h >> vec4u(16u);
  return h;
}

// What four neighbouring elements, from `element`, bring to every mask; worked out once where several masks apply.
fn element_hashes(element: u32) -> vec4u {
  return lowbias32x4(vec4u(element) + vec4u(0u, 1u, 2u, 3u));
}

// dropout_mask of the four elements with these hashes.
fn dropout_masks(key: u32, hashes: vec4u, threshold: u32, kept: f32) -> vec4f {
  return select(vec4f(), vec4f(kept), lowbias32x4(vec4u(key) ^ hashes) >= vec4u(threshold));
}
