import { describeContainerd } from './support/containerd-suite.ts';

describeContainerd('containerd', true, null);
