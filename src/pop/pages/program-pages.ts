import { html } from './html.ts';
import { alarm, page } from './page.ts';
import { TEXTS } from './texts.ts';

/** What control says of a program that waits. */
export interface ShownProgram {
  readonly program: string;
  readonly computer: string;
  readonly clientAddress: string;
  readonly createdUnixMs: number;
  readonly relation: 'same' | 'other' | 'other-family';
}

/** Somebody types the code that their program shows. */
export function codePage(organisation: string, csrf: string, problem?: string): string {
  const texts = TEXTS.program;
  return page({
    title: texts.title,
    organisation,
    body: html`<div class="sheet">
<h1>${texts.title}</h1>
<p class="quiet">${texts.lead}</p>
${alarm(problem)}
<form method="post" action="/program">
<input type="hidden" name="csrf" value="${csrf}">
<label for="code">${texts.code}</label>
<input id="code" name="code" type="text" inputmode="text" autocomplete="off" autocapitalize="characters" spellcheck="false" placeholder="XXXX-XXXX" required maxlength="20" autofocus>
<button class="button" type="submit">${texts.look}</button>
</form>
</div>`,
  });
}

export interface DecisionView {
  readonly organisation: string;
  readonly account: string;
  readonly csrf: string;
  readonly code: string;
  readonly nowUnixMs: number;
  readonly browserAddress: string;
  readonly shown: ShownProgram;
}

/** What asks, from where and since when; then yes or no. */
export function decisionPage(view: DecisionView): string {
  const texts = TEXTS.program;
  const { program, computer, clientAddress, createdUnixMs, relation } = view.shown;
  const ageSeconds = Math.max(1, Math.round((view.nowUnixMs - createdUnixMs) / 1000));
  return page({
    title: texts.decide(program),
    organisation: view.organisation,
    body: html`<div class="sheet">
<h1>${texts.decide(program)}</h1>
<p class="quiet">${texts.asks(view.account)}</p>
<p class="quiet">${texts.program} <strong>${program}</strong>${computer === '' ? undefined : html`<br>${texts.computer} <strong>${computer}</strong>`}<br>${texts.address} <strong>${clientAddress}</strong><br>${texts.since} <strong>${texts.ago(TEXTS.seconds(ageSeconds))}</strong></p>
${relation === 'same' ? undefined : html`<p class="note alarm">${relation === 'other' ? texts.otherAddress(view.browserAddress) : texts.otherFamily(view.browserAddress)}</p>`}
<p class="note">${texts.warning}</p>
<form method="post" action="/program">
<input type="hidden" name="csrf" value="${view.csrf}">
<input type="hidden" name="code" value="${view.code}">
<button class="button" type="submit" name="decision" value="approve">${texts.approve}</button>
<button class="button plain" type="submit" name="decision" value="refuse">${texts.refuse}</button>
</form>
</div>`,
  });
}

export function decidedPage(organisation: string, isApproved: boolean): string {
  const texts = TEXTS.program;
  const title = isApproved ? texts.approved : texts.refused;
  return page({
    title,
    organisation,
    body: html`<div class="sheet">
<h1>${title}</h1>
<p class="quiet">${isApproved ? texts.approvedLead : texts.refusedLead}</p>
</div>`,
  });
}
