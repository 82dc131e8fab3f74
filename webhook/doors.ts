import type { Door } from './door.ts';
import { pinDoor } from './gatekeeper/pin.ts';
import { type GatekeeperOptions, gatekeeperDoor } from './gatekeeper/validation.ts';
import { imagePolicyDoor } from './image-policy/door.ts';
import { type MutateOptions, mutateDoor } from './mutate.ts';
import { auditDoor, type ReviewOptions, validateDoor } from './validate.ts';

export interface DoorOptions extends ReviewOptions, MutateOptions {
  /**
   * Whose certificate an API server has to show before it is answered, PEM, and for which names (null: any); null: whoever
   * reaches the port is. Gatekeeper has a way of its own.
   */
  readonly clients: { readonly ca: string; readonly names: readonly string[] | null } | null;
  /** Whether the admission plugin ImagePolicyWebhook is answered. */
  readonly imagePolicy: boolean;
  /** How Gatekeeper is answered; null: it is not. */
  readonly gatekeeper: Pick<GatekeeperOptions, 'within' | 'clientCa'> | null;
}

/** All that is answered here by POST; a row each. */
export function doorsOf(options: DoorOptions): readonly Door[] {
  const { imagePolicy, gatekeeper, clients } = options;
  const ofApiServer = (door: Door): Door =>
    clients === null ? door : { ...door, clientCa: clients.ca, clientNames: clients.names };
  return [
    ...[
      validateDoor(options),
      auditDoor(options),
      mutateDoor(options),
      ...(imagePolicy ? [imagePolicyDoor(options)] : []),
    ].map(ofApiServer),
    ...(gatekeeper === null
      ? []
      : [gatekeeperDoor({ ...options, ...gatekeeper }), pinDoor({ ...options, ...gatekeeper })]),
  ];
}
