import { VexFault } from './collect.ts';
import { isCsaf, readCsaf } from './csaf.ts';
import { isOpenVex, readOpenVex } from './openvex.ts';
import { type VexDocument, vexLimits } from './statement.ts';

/**
 * Reads a VEX document, whose format its content tells. What of it says nothing here is in `refused`.
 * @param source where it was found, for people
 * @returns or why it cannot be read, a sentence's end
 */
export function readVex(text: string, source: string): VexDocument | string {
  if (text.length > vexLimits.characters) {
    return `it has ${text.length} characters, and ${vexLimits.characters} are read`;
  }
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    // A nesting deeper than the stack is a RangeError.
    return `it is not JSON: ${error instanceof Error ? error.message.slice(0, 200) : 'it cannot be read'}`;
  }
  return readVexValue(value, source);
}

/** The same of what was taken out of its wrapping already. */
export function readVexValue(value: unknown, source: string): VexDocument | string {
  try {
    if (isOpenVex(value)) return readOpenVex(value, source);
    if (isCsaf(value)) return readCsaf(value, source);
  } catch (error) {
    if (error instanceof VexFault) return error.message;
    throw error;
  }
  return 'it is neither OpenVEX (an @context of https://openvex.dev/ns) nor CSAF 2.0 (document.csaf_version)';
}
