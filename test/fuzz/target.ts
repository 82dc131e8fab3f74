/** What a parser is given: a file's content, and its path where that matters. */
export interface Input {
  readonly path: string;
  readonly bytes: Buffer;
}

/** One parser that takes what strangers wrote. */
export interface Target {
  readonly name: string;
  /** Inputs that it reads well, made anew by every call. */
  readonly seeds: () => readonly Input[];
  /** Words of the format, put into inputs. */
  readonly words?: readonly string[];
  /**
   * Runs the parser, and checks what has to hold whatever it was given. Tells in a short text what became of the input: one
   * that does something new is varied further. Errors that the parser promises are part of the text.
   * @throws what is a finding
   */
  readonly run: (input: Input) => string | Promise<string>;
}
