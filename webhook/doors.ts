import { type GlassDoorOptions, glassDoor } from './break-glass/door.ts';
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
  /** How glasses are broken; left out: nobody may. */
  readonly breakGlass?: Pick<GlassDoorOptions, 'rules' | 'onAccepted'> & {
    readonly open: NonNullable<ReviewOptions['openGlasses']>;
  };
}

/** All that is answered here by POST; a row each. */
export function doorsOf(options: DoorOptions): readonly Door[] {
  const { imagePolicy, gatekeeper, clients, breakGlass } = options;
  const ofApiServer = (door: Door): Door =>
    clients === null ? door : { ...door, clientCa: clients.ca, clientNames: clients.names };
  return [
    ...[
      validateDoor(breakGlass === undefined ? options : { ...options, openGlasses: breakGlass.open }),
      auditDoor(options),
      mutateDoor(options),
      ...(breakGlass === undefined ? [] : [glassDoor({ ...options, ...breakGlass })]),
      ...(imagePolicy ? [imagePolicyDoor(options)] : []),
    ].map(ofApiServer),
    ...(gatekeeper === null
      ? []
      : [gatekeeperDoor({ ...options, ...gatekeeper }), pinDoor({ ...options, ...gatekeeper })]),
  ];
}
