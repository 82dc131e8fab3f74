import type { RepositoryAddress } from '../../core/repository.ts';
import type { OciError } from '../../registry/oci-error.ts';
import type { Granted } from '../auth/authorization.ts';

/** A push request whose path was read and whose sender may do what he asks for. */
export interface Push {
  readonly address: RepositoryAddress;
  /** The repository's name as the client wrote it; what Location headers are made from. */
  readonly name: string;
  readonly granted: Granted;
  /** The repository that another name in the same request means (a mount's source), by the same reading. */
  readonly named: (name: string) => RepositoryAddress | OciError;
  readonly query: URLSearchParams;
}

/** Who it is that pushes; whoever did not log in is one and the same. */
export function userOf(granted: Granted): string {
  return granted.user ?? '';
}
