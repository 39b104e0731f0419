import { UserError } from '../../config/errors';

/** Throws UserError where a weight is NaN or infinite: loaders accept such files, and the model then says nothing. */
export function requireFinite(subject: string, tensor: string, values: Float32Array): void {
  if (values.every(Number.isFinite)) return;
  throw new UserError(
    subject,
    `the tensor ${tensor} holds a value that is not a finite number`,
    'train again with a lower learning_rate, or use another file',
  );
}
