/** The part of both libraries that the benchmark uses, so that the type check needs neither of them installed. */

declare module '@jax-js/jax' {
  export interface Array {
    /** The same array once more, for a further use. */
    readonly ref: Array;
    readonly shape: number[];
    reshape(shape: readonly number[]): Array;
    add(other: Array | number): Array;
    sub(other: Array | number): Array;
    mul(other: Array | number): Array;
    div(other: Array | number): Array;
    data(): Promise<Float32Array>;
    dispose(): void;
  }
  export function init(device: 'webgpu'): Promise<unknown>;
  export function defaultDevice(device: 'webgpu'): unknown;
  export function jit<A extends unknown[], R>(f: (...args: A) => R): (...args: A) => R;
  export function valueAndGrad<P, A extends unknown[]>(
    f: (pairs: P, ...args: A) => Array,
  ): (pairs: P, ...args: A) => [Array, P];
  export function blockUntilReady<T>(tree: T): Promise<T>;
  export const tree: {
    ref<T>(tree: T): T;
    dispose(tree: unknown): void;
    map<T>(f: (...leaves: [Array, Array, Array]) => Array, tree: T, ...rest: T[]): T;
  };
  export const numpy: {
    array(values: Float32Array | number): Array;
    ones(shape: readonly number[]): Array;
    zeros(shape: readonly number[]): Array;
    matmul(x: Array, y: Array): Array;
    mean(x: Array, axis?: number, options?: { keepdims: boolean }): Array;
    sum(x: Array): Array;
    square(x: Array): Array;
    sqrt(x: Array): Array;
    reciprocal(x: Array): Array;
    power(x: number, y: Array): Array;
    split(x: Array, parts: number, axis: number): Array[];
    concatenate(xs: Array[], axis: number): Array;
  };
  export const nn: {
    silu(x: Array): Array;
    logSoftmax(x: Array, axis: number): Array;
    dotProductAttention(q: Array, k: Array, v: Array, options: { isCausal: boolean }): Array;
  };
}

declare module '@tensorflow/tfjs-core' {
  export interface Tensor {
    reshape(shape: number[]): Tensor;
    transpose(axes: number[]): Tensor;
    matMul(other: Tensor): Tensor;
    add(other: Tensor | number): Tensor;
    sub(other: Tensor): Tensor;
    mul(other: Tensor | number): Tensor;
    data(): Promise<Float32Array>;
    dispose(): void;
  }
  export interface Variable extends Tensor {
    assign(value: Tensor): void;
  }
  type Gradients = Record<string, Tensor>;
  export function setBackend(name: 'webgpu'): Promise<boolean>;
  export function tidy<T>(f: () => T): T;
  export function keep<T>(tensor: T): T;
  export function tensor(values: Float32Array, shape: number[]): Tensor;
  export function variable(value: Tensor, trainable: boolean): Variable;
  export function ones(shape: number[]): Tensor;
  export function matMul(x: Tensor, y: Tensor, transposeX?: boolean, transposeY?: boolean): Tensor;
  export function mean(x: Tensor, axis?: number, keepDims?: boolean): Tensor;
  export function sum(x: Tensor): Tensor;
  export function square(x: Tensor): Tensor;
  export function rsqrt(x: Tensor): Tensor;
  export function sigmoid(x: Tensor): Tensor;
  export function softmax(x: Tensor): Tensor;
  export function logSoftmax(x: Tensor): Tensor;
  export function split(x: Tensor, parts: number, axis: number): Tensor[];
  export function concat(xs: Tensor[], axis: number): Tensor;
  export function variableGrads(
    f: () => Tensor,
    variables: Variable[],
  ): { readonly value: Tensor; readonly grads: Gradients };
  export const train: {
    adam(
      rate: number,
      beta1: number,
      beta2: number,
      epsilon: number,
    ): { applyGradients(grads: Gradients): void };
  };
}

declare module '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
declare module '@tensorflow/tfjs-core/dist/register_all_gradients';
declare module '@tensorflow/tfjs-backend-webgpu';
