// What changes from one launch of a program to the next. One buffer, written before each submit.
struct Step {
  seed: u32,          // of the run
  step: u32,          // optimiser step, from 0
  micro: u32,         // micro-batch within the step, from 0
  inv_tokens: f32,    // 1 / counted tokens of the whole effective batch
  learning_rate: f32, // of this step
  bias1: f32,         // 1 - beta1^t
  bias2: f32,         // 1 - beta2^t
}
