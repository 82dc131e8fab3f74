import { oneLine } from '../../policy/text.ts';
import { isoTime } from '../../policy/time.ts';
import type { AllowlistOutcome } from '../harbor/allowlist.ts';
import type { HarborAllowlist } from '../harbor/answers.ts';
import { formatTable } from './table.ts';

export function allowlistText({ place, policy, current, plan, reuses, outcome }: AllowlistOutcome): string {
  const { wanted, taken, leftOut, first, added, foreign } = plan;
  const where =
    place.project === null
      ? `the system's allowlist of ${place.host}`
      : `the allowlist of ${place.host}/${place.project}`;
  const parts = [
    `${titles[outcome]}: ${where}, by the exceptions of the policy ${policy}`,
    `in Harbor: ${listText(current)}`,
  ];
  const entries = wanted.items.map(({ cve_id: id }) => {
    const why = taken.find(({ advisory }) => advisory === id);
    return [
      id,
      added.includes(id) ? 'added' : 'kept',
      why?.expires ?? '',
      why?.author ?? '',
      why?.reason ?? '',
    ];
  });
  if (entries.length > 0)
    parts.push('', formatTable(['ID', 'ENTRY', 'EXCEPTED UNTIL', 'AUTHOR', 'REASON'], entries));
  if (first !== null)
    parts.push(
      '',
      `all of it ends at ${isoTime(Math.floor(first.endsAt / 1000) * 1000)}, with the exception of ${oneLine(first.advisory, 200)}: run this again then`,
    );
  if (foreign.length > 0)
    parts.push(
      '',
      `not Pratique's, ${outcome === 'done' ? 'taken out' : 'taken out by --replace alone'}: ${foreign.map((id) => oneLine(id, 60)).join(', ')}`,
    );
  if (leftOut.length > 0) {
    const rows = leftOut.map(({ exception, why }) => [exception.advisory, why]);
    parts.push(
      '',
      'left out, so that Harbor lets nothing through that the policy does not:',
      formatTable(['ID', 'WHY'], rows),
    );
  }
  const others = taken
    .filter(({ advisory }) => !advisory.startsWith('CVE-'))
    .map(({ advisory }) => oneLine(advisory, 60));
  if (others.length > 0)
    parts.push(
      '',
      `Harbor compares ids letter by letter, so these hold where its report names them so: ${others.join(', ')}`,
    );
  if (taken.some(({ image }) => image !== null))
    parts.push(
      '',
      'an exception for an image does not hold in Pratique while the image is known from elsewhere too; Harbor does not look at that',
    );
  if (reuses) parts.push('', "this project follows the system's allowlist: its own has no effect");
  if (outcome === 'would') parts.push('', 'nothing was changed; --apply writes it');
  return parts.join('\n');
}

const titles = { done: 'written', unchanged: 'as it should be', would: 'would write' } as const;

function listText({ items, expires_at: ends }: HarborAllowlist): string {
  if (items.length === 0) return 'empty';
  const until = ends === null ? 'without end' : `until ${isoTime(ends * 1000)}`;
  return `${items.length === 1 ? '1 entry' : `${items.length} entries`}, ${until}`;
}
