import type { GateName } from '../core/context.ts';
import type { Clearance } from '../core/ports/gate.ts';
import type { Logger } from '../core/ports/logger.ts';
import { isOverruled } from '../policy/clearance/clearances.ts';

/** One decision of a gate, as far as the log tells it. */
export type Decided = Pick<Clearance, 'allowed' | 'status' | 'ruled' | 'reasons'>;

/**
 * One line for each image that a binding's mode lets through though it would be refused: that is how a roll-out in
 * `audit` is judged before it is enforced.
 */
export function tellOverruled(
  logger: Logger,
  gate: GateName,
  image: string,
  user: string | null,
  decided: Decided,
): void {
  if (!isOverruled(decided)) return;
  const { status, ruled, reasons } = decided;
  logger.info(
    {
      gate,
      image,
      user,
      status,
      binding: ruled?.binding ?? null,
      policy: ruled?.policy ?? null,
      mode: ruled?.mode ?? null,
      why: reasons[0] ?? null,
    },
    'let through by its binding, would be refused',
  );
}
