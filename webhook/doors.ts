import { type GlassDoorOptions, glassDoor } from './break-glass/door.ts';
import type { ClientAuthority } from './client-certificates.ts';
import type { Door } from './door.ts';
import { pinDoor } from './gatekeeper/pin.ts';
import { type GatekeeperOptions, gatekeeperDoor } from './gatekeeper/validation.ts';
import { imagePolicyDoor } from './image-policy/door.ts';
import { type MutateOptions, mutateDoor } from './mutate.ts';
import { auditDoor, type ReviewOptions, validateDoor } from './validate.ts';

export interface DoorOptions extends ReviewOptions, MutateOptions {
  /**
   * Whose certificate an API server has to show before it is answered; null: whoever reaches the port is. Gatekeeper has a way
   * of its own.
   */
  readonly clients: ClientAuthority | null;
  /** Whether the admission plugin ImagePolicyWebhook is answered. */
  readonly imagePolicy: boolean;
  /** How Gatekeeper is answered; null: it is not. */
  readonly gatekeeper: Pick<GatekeeperOptions, 'within' | 'clients'> | null;
  /** How glasses are broken; left out: nobody may, and neither where `clients` is null. */
  readonly breakGlass?: Pick<GlassDoorOptions, 'rules' | 'onAccepted'> & {
    readonly open: NonNullable<ReviewOptions['openGlasses']>;
  };
}

/** All that is answered here by POST; a row each. */
export function doorsOf(options: DoorOptions): readonly Door[] {
  const { imagePolicy, gatekeeper, clients, breakGlass } = options;
  const ofApiServer = (door: Door): Door => ({ ...door, clients });
  return [
    ...[
      validateDoor(breakGlass === undefined ? options : { ...options, openGlasses: breakGlass.open }),
      auditDoor(options),
      mutateDoor(options),
      // It signs what a review says of its user: nobody but an API server may say that.
      ...(breakGlass === undefined || clients === null ? [] : [glassDoor({ ...options, ...breakGlass })]),
      ...(imagePolicy ? [imagePolicyDoor(options)] : []),
    ].map(ofApiServer),
    ...(gatekeeper === null
      ? []
      : [gatekeeperDoor({ ...options, ...gatekeeper }), pinDoor({ ...options, ...gatekeeper })]),
  ];
}
