import {
  type CapturedRequest,
  type CaptureSettings,
  type HiddenNames,
  hideFields,
  hideInTarget,
} from '../../core/capture/index.ts';
import type { AtResource } from '../door.ts';
import type { AnswerWatcher, RequestRules } from '../serving.ts';
import { BodyTee } from './body-tee.ts';
import type { CaptureRoom } from './capture-room.ts';
import { CAPTURE_OVERHEAD_BYTES, CAPTURED_TARGET_CHARS } from './constants.ts';

/** One request to a target while it is captured. What is kept of it is looked at when it is over. */
export class Capture {
  readonly resourceId: string;
  readonly #at: AtResource;
  readonly #settings: CaptureSettings;
  readonly #room: CaptureRoom;
  readonly #headBytes: number;
  readonly #body: BodyTee;
  #answer:
    | { readonly status: number; readonly fields: readonly string[]; readonly body: BodyTee; bytes: number }
    | undefined;

  /** Undefined where there is no room for it. */
  static begin(at: AtResource, settings: CaptureSettings, room: CaptureRoom): Capture | undefined {
    const bytes = CAPTURE_OVERHEAD_BYTES + charsOf(at.context.request.rawHeaders) + at.context.target.query.length;
    return room.take(bytes) ? new Capture(at, settings, room, bytes) : undefined;
  }

  private constructor(at: AtResource, settings: CaptureSettings, room: CaptureRoom, headBytes: number) {
    this.resourceId = at.resource.record.id;
    this.#at = at;
    this.#settings = settings;
    this.#room = room;
    this.#headBytes = headBytes;
    this.#body = new BodyTee(at.context.request.rawHeaders, settings, room);
  }

  /** The rules of a request with looking on besides; without any, those that change nothing. */
  watching(rules: RequestRules | undefined): RequestRules {
    const { path, query } = this.#at.context.target;
    const plain: RequestRules = rules ?? {
      ...{ target: path + query, targets: undefined, bodyBytes: undefined, answerMs: undefined },
      requestFields: (fields) => fields,
      responseFields: (fields) => fields,
      answer: (_admitted, response) => response,
      answered: () => undefined,
    };
    return {
      ...{ target: plain.target, targets: plain.targets, bodyBytes: plain.bodyBytes, answerMs: plain.answerMs },
      requestFields: (fields) => plain.requestFields(fields),
      responseFields: (fields) => plain.responseFields(fields),
      answer: (admitted, response) => plain.answer(admitted, response),
      passes: (part) => (part ? this.#body.take(part) : this.#body.restart()),
      answered: (status, raw) => this.#answered(status, raw, plain.answered(status, raw)),
    };
  }

  #answered(status: number, raw: readonly string[], other: AnswerWatcher | undefined): AnswerWatcher | undefined {
    const bytes = charsOf(raw);
    if (this.#answer || !this.#room.take(bytes)) return other;
    const body = new BodyTee(raw, this.#settings, this.#room);
    this.#answer = { status, fields: raw, body, bytes };
    return {
      take(chunk) {
        body.take(chunk);
        other?.take(chunk);
      },
      ended: (isWhole) => other?.ended(isWhole),
    };
  }

  /** What was captured, without secrets. */
  captured(): CapturedRequest {
    const { context } = this.#at;
    const more: HiddenNames = new Set(this.#settings.hiddenNames);
    const body = this.#body.kept(more);
    return {
      ...{ id: context.requestId, unixMs: Math.round(context.nowUnixMs), resourceId: this.resourceId },
      ...{ method: context.method.slice(0, 64), host: context.host },
      target: hideInTarget((context.target.path + context.target.query).slice(0, CAPTURED_TARGET_CHARS), more),
      fields: hideFields(context.request.rawHeaders, more),
      ...(body && { body }),
      ...this.#capturedAnswer(more),
    };
  }

  #capturedAnswer(more: HiddenNames): Pick<CapturedRequest, 'answer'> {
    if (!this.#answer) return {};
    const { status, fields, body } = this.#answer;
    const kept = body.kept(more);
    return { answer: { status, fields: hideFields(fields, more), ...(kept && { body: kept }) } };
  }

  /** Gives all of its room back. */
  free(): void {
    this.#body.free();
    this.#answer?.body.free();
    this.#room.free(this.#headBytes + (this.#answer?.bytes ?? 0));
  }
}

function charsOf(fields: readonly string[]): number {
  let chars = 0;
  for (const text of fields) chars += text.length;
  return chars;
}
