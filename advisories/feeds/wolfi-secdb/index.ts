import { chainguardFeed } from '../secdb/chainguard.ts';

export const wolfiSecdb = chainguardFeed({
  name: 'wolfi-secdb',
  ecosystem: 'Wolfi',
  url: 'https://packages.wolfi.dev/os/security.json',
});
