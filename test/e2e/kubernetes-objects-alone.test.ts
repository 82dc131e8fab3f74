import { openGateAlone } from './support/kubernetes-alone.ts';
import { describeObjects } from './support/kubernetes-objects-suite.ts';

describeObjects('with the webhook on its own feet', openGateAlone);
