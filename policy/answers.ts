import type { Finding } from '../core/finding.ts';
import type { Answer, Program } from './expressions/program.ts';
import { FindingView } from './expressions/views.ts';
import type { Ground } from './ground.ts';
import type { Possible } from './profile.ts';

/**
 * What a rule's expression says of a finding. One that looks at the finding alone is asked once, and costs the image
 * as many steps as it took then: the same image gets the same verdict, whatever was judged before it.
 */
export function answerTo(possible: Possible, program: Program, finding: Finding, ground: Ground): Answer {
  const { meter, values } = ground;
  const known = possible.answer;
  if (known !== null) {
    return meter.affords(known.steps) ? known.said : { kind: 'undecided', why: meter.reason };
  }
  const { image, os, now } = values;
  const before = meter.steps;
  const said = program({ finding: new FindingView(finding), image, os, now }, meter);
  // One that was given up has not said what it would say elsewhere.
  if (possible.planned.asksFindingAlone && !meter.exceeded) {
    possible.answer = { said, steps: meter.steps - before };
  }
  return said;
}
