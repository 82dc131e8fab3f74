import { describeContainerd } from './support/containerd-suite.ts';
import { environmentPath } from './support/programs.ts';

const programs = environmentPath('PRATIQUE_CONTAINERD2', 'containerd 2');

describeContainerd('containerd 2', programs !== null, programs);
