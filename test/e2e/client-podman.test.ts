import { describeClient } from './support/client-suite.ts';
import { saysOnContainersStorage, startOnContainersStorage } from './support/clients/containers-storage.ts';
import { haveAptPrograms } from './support/programs.ts';

describeClient({
  title: 'podman',
  available: haveAptPrograms('skopeo', 'podman'),
  start: (place) => startOnContainersStorage('podman', place),
  says: saysOnContainersStorage,
});
