enable subgroups;
// The same as reduce.wgsl where the workgroup is one subgroup: without workgroup memory and barriers, and in the one
// order that the device has.

fn workgroup_sum(value: f32, lane: u32) -> f32 {
  return subgroupAdd(value);
}

fn workgroup_max(value: f32, lane: u32) -> f32 {
  return subgroupMax(value);
}
