import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { CircleCheck } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { sitesQuery, statusQuery } from '../../frame/client.ts';
import { guideQueries, keepOfGuide, ownApplications, STEPS, type Step, useGuide } from '../../frame/guide.ts';
import { Button, ButtonLink } from '../../look/button.tsx';
import { classes } from '../../look/classes.ts';
import { Page } from '../../look/page.tsx';
import { Loading } from '../../look/problem.tsx';
import { TEXTS } from '../../texts/index.ts';
import { NameStep } from './name-step.tsx';
import { OpenStep } from './open-step.tsx';
import { ProtectStep } from './protect-step.tsx';
import { PublishStep } from './publish-step.tsx';
import { SiteStep } from './site-step.tsx';

const texts = TEXTS.start;

const BODIES: Readonly<Record<Step, () => ReactNode>> = {
  protect: ProtectStep,
  name: NameStep,
  site: SiteStep,
  publish: PublishStep,
  open: OpenStep,
};

/** One step at a time; what is done is told in a line, what comes is named. */
export function StartPage() {
  const guide = useGuide();
  const navigate = useNavigate();
  // Being over while it is looked at means that the last step was just taken: that is told, then it is gone.
  const [wasUnderWay, setUnderWay] = useState(false);
  useEffect(() => {
    if (guide?.current === undefined) return;
    setUnderWay(true);
    keepOfGuide({ isFollowed: true, isHidden: false });
  }, [guide?.current]);
  if (!guide) return <Loading />;
  if (guide.current === undefined) return <Finished isNew={wasUnderWay} />;
  const { doneSteps, current } = guide;
  const leave = (isHidden: boolean) => {
    if (isHidden) keepOfGuide({ isHidden });
    void navigate({ to: '/' });
  };
  return (
    <Page
      title={texts.title}
      lead={texts.lead}
      actions={
        <>
          <Button kind="quiet" onClick={() => leave(true)}>
            {texts.hide}
          </Button>
          <Button onClick={() => leave(false)}>{texts.later}</Button>
        </>
      }
    >
      <ol className="grid max-w-3xl gap-3" aria-label={texts.progress(doneSteps.size, STEPS.length)}>
        {STEPS.map((step, index) => (
          <StepItem
            key={step}
            step={step}
            number={index + 1}
            state={step === current ? 'current' : doneSteps.has(step) ? 'done' : 'ahead'}
          />
        ))}
      </ol>
    </Page>
  );
}

interface StepItemProps {
  readonly step: Step;
  readonly number: number;
  readonly state: 'done' | 'current' | 'ahead';
}

function StepItem({ step, number, state }: StepItemProps) {
  const Body = BODIES[step];
  return (
    <li
      aria-current={state === 'current' ? 'step' : undefined}
      className={classes(
        'grid grid-cols-[2rem_1fr] items-start gap-x-4 rounded-xl border px-5',
        state === 'current' ? 'bg-sheet py-4 shadow-sheet' : 'border-transparent py-1.5',
      )}
    >
      <span
        className={classes(
          'grid size-8 place-items-center rounded-full text-sm font-semibold',
          state === 'done' && 'bg-good-soft text-good',
          state === 'current' && 'bg-accent text-accent-ink',
          state === 'ahead' && 'border text-quiet',
        )}
        aria-hidden="true"
      >
        {state === 'done' ? <CircleCheck size={17} /> : number}
      </span>
      <div className="min-w-0 pt-1">
        <h2 className={state === 'ahead' ? 'text-quiet' : 'font-semibold'}>
          {texts[step]}
          {state === 'done' && <span className="sr-only">, {texts.done}</span>}
        </h2>
        {state === 'current' && <Body />}
        {state === 'done' && <StepDone step={step} />}
      </div>
    </li>
  );
}

/** What came of it, in a line; nothing where it was skipped. */
function StepDone({ step }: { readonly step: Step }) {
  const organisation = useQuery(guideQueries.organisation);
  const applications = useQuery(guideQueries.applications);
  const status = useQuery(statusQuery);
  const sites = useQuery(sitesQuery);
  const connected = status.data?.connectors.find(({ tunnels }) => tunnels.some(({ state }) => state === 'up'));
  const site = sites.data?.find(({ id }) => id === connected?.siteId);
  const application = ownApplications(applications.data?.items ?? [])[0];
  const lines: Partial<Record<Step, string | undefined>> = {
    name: organisation.data && texts.nameDone(organisation.data.name),
    site: site && texts.siteDone(site.name),
    publish: application && texts.publishDone(application.name),
  };
  const line = lines[step];
  return line && <p className="text-sm text-quiet">{line}</p>;
}

const NEXT = [
  { to: '/users', title: texts.nextInvite, lead: texts.nextInviteLead },
  { to: '/providers/new', title: texts.nextProvider, lead: texts.nextProviderLead },
  { to: '/pops', title: texts.nextPop, lead: texts.nextPopLead },
] as const;

function Finished({ isNew }: { readonly isNew: boolean }) {
  // From here on nothing speaks of it any more.
  useEffect(() => {
    if (isNew) return () => keepOfGuide({ isOver: true });
    return undefined;
  }, [isNew]);
  return (
    <Page title={texts.finished} lead={texts.finishedLead}>
      <ul className="grid gap-3 sm:grid-cols-3">
        {NEXT.map(({ to, title, lead }) => (
          <li key={to} className="grid content-between gap-4 rounded-xl border bg-sheet p-5 shadow-sheet">
            <div>
              <h2 className="font-semibold">{title}</h2>
              <p className="mt-1 text-sm text-quiet">{lead}</p>
            </div>
            <div>
              <ButtonLink to={to}>{title}</ButtonLink>
            </div>
          </li>
        ))}
      </ul>
      <div>
        <ButtonLink kind="first" to="/">
          {texts.toOverview}
        </ButtonLink>
      </div>
    </Page>
  );
}
