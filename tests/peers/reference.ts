import { llamaLoss } from '../reference/llama';
import { lowRankForward } from '../reference/lowRank';
import { matmulNT } from '../reference/matmul';
import { swigluForward } from '../reference/swiglu';
import { LLAMA_CONFIG, LLAMA_RUN, llamaAdapter, llamaBatch, llamaWeights } from './llama';
import { RANK, ROWS, SCALE, transpose, WIDTH, type Floats, type Llama, type Stack } from './workloads';

/** Loss of W1 before the first update, in float64. */
export function stackLoss({ x, y, layers }: Stack): number {
  const wide = (matrix: Floats, rows: number, columns: number) =>
    Float64Array.from(transpose(matrix, rows, columns));
  let h: Float64Array = Float64Array.from(x);
  for (const { weight, a, b } of layers) {
    const frozen = matmulNT(h, wide(weight, WIDTH, WIDTH), ROWS, WIDTH, WIDTH);
    const path = { inWidth: WIDTH, outWidth: WIDTH, rank: RANK, scale: SCALE };
    const { y: delta } = lowRankForward(
      { downs: [wide(a, WIDTH, RANK)], up: wide(b, RANK, WIDTH), ...path },
      h,
    );
    const z = frozen.map((value, i) => value + delta[i]!);
    h = swigluForward(z, new Float64Array(z.length).fill(1));
  }
  return h.reduce((sum, value, i) => sum + (value - y[i]!) ** 2, 0) / h.length;
}

/** Loss of W2 before the first update, in float64. */
export function llamaFirstLoss(llama: Llama): number {
  const weights = [...llamaWeights(llama)].map(
    ([name, { values }]) => [name, Float64Array.from(values)] as const,
  );
  const adapter = {
    shape: LLAMA_RUN,
    loraAlpha: LLAMA_RUN.lora_alpha,
    values: Float64Array.from(llamaAdapter(llama)),
  };
  const model = { config: LLAMA_CONFIG, weights: new Map(weights), adapter };
  const { lossSum, counted } = llamaLoss(model, llamaBatch(llama));
  return lossSum / counted;
}
