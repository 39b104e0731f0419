import type { ExpectedResult } from './scenario';

/**
 * What came of each scenario with all its defaults, by its id: `masa train --scenario ID`, then `masa eval --scenario
 * ID --task choice` with and without the adapter.
 */
export const EXPECTED: Readonly<Record<string, ExpectedResult>> = {
  clerk: {
    gpu: 'llvmpipe: Mesa 25.0.7 (LLVM 15.0.6), two processor cores',
    steps: 60,
    tasks: [{ id: 'clerk', chance: 0.25, base: 0.285, acc: 0.31, ci: [0.25, 0.377] }],
  },
  encyclopaedia: {
    gpu: 'llvmpipe: Mesa 25.0.7 (LLVM 15.0.6), two processor cores',
    steps: 300,
    tasks: [{ id: 'encyclopaedia', chance: 0.25, base: 0.25, acc: 0.21, ci: [0.159, 0.272] }],
  },
  word_problems: {
    gpu: 'llvmpipe: Mesa 25.0.7 (LLVM 15.0.6), two processor cores',
    steps: 300,
    tasks: [{ id: 'word_problems', chance: 0.25, base: 0.235, acc: 0.245, ci: [0.191, 0.309] }],
  },
  code: {
    gpu: 'llvmpipe: Mesa 25.0.7 (LLVM 15.0.6), two processor cores',
    steps: 300,
    tasks: [{ id: 'code', chance: 0.25, base: 0.25, acc: 0.22, ci: [0.168, 0.282] }],
  },
  dialogue: {
    gpu: 'llvmpipe: Mesa 25.0.7 (LLVM 15.0.6), two processor cores',
    steps: 300,
    tasks: [{ id: 'dialogue', chance: 0.25, base: 0.285, acc: 0.235, ci: [0.182, 0.298] }],
  },
  recipes: {
    gpu: 'llvmpipe: Mesa 25.0.7 (LLVM 15.0.6), two processor cores',
    steps: 300,
    tasks: [{ id: 'recipes', chance: 0.25, base: 0.26, acc: 0.24, ci: [0.186, 0.304] }],
  },
  reasoning: {
    gpu: 'llvmpipe: Mesa 25.0.7 (LLVM 15.0.6), two processor cores',
    steps: 3000,
    tasks: [
      { id: 'boolean_expressions', chance: 0.5, base: 0.47, acc: 0.745, ci: [0.68, 0.8] },
      { id: 'navigate', chance: 0.5, base: 0.52, acc: 0.455, ci: [0.387, 0.524] },
      { id: 'object_counting', chance: 0.25, base: 0.245, acc: 1, ci: [0.981, 1.0] },
      { id: 'multistep_arithmetic', chance: 0.25, base: 0.195, acc: 0.355, ci: [0.292, 0.423] },
      { id: 'word_sorting', chance: 0.1667, base: 0.145, acc: 0.85, ci: [0.794, 0.893] },
      { id: 'tracking_shuffled_objects', chance: 0.3333, base: 0.33, acc: 0.31, ci: [0.25, 0.377] },
      { id: 'web_of_lies', chance: 0.5, base: 0.49, acc: 1, ci: [0.981, 1.0] },
      { id: 'date_arithmetic', chance: 0.25, base: 0.28, acc: 0.38, ci: [0.316, 0.449] },
      { id: 'bracket_completion', chance: 0.25, base: 0.28, acc: 0.28, ci: [0.222, 0.346] },
      { id: 'logical_deduction', chance: 0.3333, base: 0.385, acc: 0.785, ci: [0.723, 0.836] },
      { id: 'table_lookup', chance: 0.3333, base: 0.35, acc: 0.285, ci: [0.227, 0.351] },
      { id: 'sequence_patterns', chance: 0.3333, base: 0.335, acc: 0.405, ci: [0.339, 0.474] },
    ],
  },
};
