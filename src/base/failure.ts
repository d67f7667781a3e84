/**
 * A failure that a person sees. `code` is stable (documented, tested, logged); `message` is one clear sentence that
 * names what was wrong and what is expected. Programming errors are plain `Error`s; network bytes cause neither.
 */
export class Failure extends Error {
  override readonly name: string = 'Failure';
  readonly code: string;
  /** What started it, when there is such a thing. */
  override readonly cause: unknown;

  constructor(code: string, message: string, cause?: unknown) {
    super(message);
    this.code = code;
    this.cause = cause;
  }
}
