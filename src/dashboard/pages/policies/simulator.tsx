import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { FlaskConical } from 'lucide-react';
import { type FormEvent, type ReactNode, useMemo, useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { api } from '../../frame/client.ts';
import { useSettled } from '../../frame/lists.ts';
import { Badge } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { Card, Empty } from '../../look/page.tsx';
import { ProblemNote } from '../../look/problem.tsx';
import { TEXTS } from '../../texts/index.ts';
import { type Names, useNames } from './names.ts';
import { bodyOf, type Drafts, FIRST_QUESTION } from './question.ts';
import { QuestionForm } from './question-form.tsx';
import { VerdictView } from './verdict-view.tsx';

const texts = TEXTS.simulator;

/** Once asked, it answers anew whenever the question or the rules change. */
export function Simulator({
  names,
  resourceId,
  drafts = {},
  choice,
  isWholePage,
}: {
  readonly names: Names;
  readonly resourceId: string | undefined;
  readonly drafts?: Drafts;
  /** Where the application is chosen, if it is not given. */
  readonly choice?: ReactNode;
  /** The page has said already what it is. */
  readonly isWholePage?: boolean;
}) {
  const [question, setQuestion] = useState(FIRST_QUESTION);
  const [isAsked, setAsked] = useState(false);
  const text = useSettled(JSON.stringify(bodyOf(question, resourceId ?? '', drafts)));
  const body = useMemo(() => JSON.parse(text) as ReturnType<typeof bodyOf>, [text]);
  const isReady = question.who !== 'user' || question.userIds.length > 0;
  const verdict = useQuery({
    queryKey: ['simulation', text],
    queryFn: () => answerOf(api.POST('/policy/simulate', { body })),
    enabled: isAsked && isReady && resourceId !== undefined,
    placeholderData: keepPreviousData,
  });
  const shownNames = useNames(verdict.data?.rules);
  const isDraft = (drafts.policy ?? drafts.organisationPolicy) !== undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
  };
  return (
    <Card
      title={isWholePage ? undefined : texts.title}
      lead={isWholePage ? undefined : texts.lead}
      actions={
        isAsked && <Badge standing={isDraft ? 'warn' : 'none'}>{isDraft ? texts.draft : texts.savedRules}</Badge>
      }
    >
      <div className="grid gap-6 lg:grid-cols-[22rem_1fr]">
        <form onSubmit={submit} className="grid content-start gap-6">
          {choice}
          <QuestionForm
            question={question}
            names={names}
            error={verdict.error}
            onChange={(part) => setQuestion((before) => ({ ...before, ...part }))}
          />
          <div>
            <Button kind="first" type="submit" isBusy={verdict.isFetching} disabled={resourceId === undefined}>
              {texts.ask}
            </Button>
          </div>
        </form>
        <div className="min-w-0">
          {verdict.isError && <ProblemNote error={verdict.error} />}
          {!verdict.data && !verdict.isError && (
            <Empty icon={<FlaskConical />} title={texts.notAsked}>
              {texts.askFirst}
            </Empty>
          )}
          {verdict.data && !verdict.isError && <VerdictView verdict={verdict.data} nameOf={shownNames.nameOf} />}
        </div>
      </div>
    </Card>
  );
}
