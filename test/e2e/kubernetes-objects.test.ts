import { openGate } from './support/kubernetes-gate.ts';
import { describeObjects } from './support/kubernetes-objects-suite.ts';

describeObjects('with the webhook in the process of the proxy', openGate);
