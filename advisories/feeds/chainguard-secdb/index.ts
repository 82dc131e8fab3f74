import { chainguardFeed } from '../secdb/chainguard.ts';

export const chainguardSecdb = chainguardFeed({
  name: 'chainguard-secdb',
  ecosystem: 'Chainguard',
  url: 'https://packages.cgr.dev/chainguard/security.json',
});
