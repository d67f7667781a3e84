/** What is told of one request. */
export interface RequestLine {
  readonly unixMs: number;
  readonly method: string;
  /** Without its query: secrets are there. */
  readonly path: string;
  readonly status: number;
  readonly ms: number;
  /** Of which of several applications. */
  readonly application: string;
}

export type TellRequest = (line: Omit<RequestLine, 'application'>) => void;
