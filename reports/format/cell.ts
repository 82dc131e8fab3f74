import { oneLine } from '../../policy/text.ts';
import type { Cell } from '../report.ts';

/** Longest text of a cell, in characters: an image chose it. */
const longest = 2000;

/** A cell as one line of text; empty where it has no meaning. */
export function cellText(cell: Cell, between: string): string {
  if (cell === null) return '';
  if (typeof cell === 'string') return oneLine(cell, longest);
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no';
  if (typeof cell === 'number') return String(cell);
  return oneLine(cell.join(between), longest);
}
