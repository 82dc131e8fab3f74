import { errorText, isPratiqueError, PratiqueError } from '../../../core/errors.ts';

/** An archive that cannot be what it was called: the file, and what is wrong, as the end of a sentence. */
export function archiveFault(file: string, why: string, cause?: unknown): PratiqueError {
  return new PratiqueError('manifest-invalid', `${file} cannot be read: ${why}`, { file }, cause);
}

/** What went wrong while the file was read, in words that name it. Errors that are told already stay as they are. */
export function toArchiveFault(file: string, error: unknown): unknown {
  if (!isPratiqueError(error)) return archiveFault(file, errorText(error), error);
  if (error.code === 'layer-unreadable') return archiveFault(file, error.message, error);
  if (error.code === 'limit-exceeded')
    return new PratiqueError(error.code, `${file} is not read: ${error.message}`, { file }, error);
  return error;
}
