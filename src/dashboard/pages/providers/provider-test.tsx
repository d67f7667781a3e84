import { useMutation } from '@tanstack/react-query';
import { ExternalLink } from 'lucide-react';
import { answerOf } from '../../../api/client.ts';
import { api } from '../../frame/client.ts';
import { Button } from '../../look/button.tsx';
import { Card, Facts } from '../../look/page.tsx';
import { ProblemNote } from '../../look/problem.tsx';
import { Waiting } from '../../look/waiting.tsx';
import { TEXTS } from '../../texts/index.ts';

const texts = TEXTS.providers;

export function ProviderTest({ id }: { readonly id: string }) {
  const test = useMutation({
    mutationFn: () => answerOf(api.POST('/providers/{id}/test', { params: { path: { id } } })),
  });
  return (
    <Card title={texts.testTitle} lead={texts.testLead}>
      <div className="grid grid-cols-1 gap-4">
        {test.isError && <ProblemNote error={test.error} />}
        {test.data && (
          <>
            <Waiting hasCome waiting="" come={texts.testGood} />
            <Facts
              items={[
                [texts.testIssuer, <code key="issuer">{test.data.issuer}</code>],
                [texts.testEndpoint, <code key="endpoint">{test.data.authorizationEndpoint}</code>],
                [texts.testKeys, test.data.keys],
                [texts.testSignOut, test.data.canSignOut ? TEXTS.frame.yes : TEXTS.frame.no],
              ]}
            />
            <div className="grid gap-1.5">
              <div>
                <a
                  href={test.data.tryUrl}
                  target="_blank"
                  rel="noreferrer"
                  className="inline-flex min-h-9 items-center gap-2 rounded-lg bg-accent px-3.5 text-sm font-medium text-accent-ink hover:brightness-110"
                >
                  {texts.tryIt}
                  <ExternalLink size={15} aria-hidden="true" />
                </a>
              </div>
              <p className="text-sm text-quiet">{texts.tryHint}</p>
            </div>
          </>
        )}
        <div>
          <Button kind={test.data ? 'plain' : 'first'} isBusy={test.isPending} onClick={() => test.mutate()}>
            {texts.test}
          </Button>
        </div>
      </div>
    </Card>
  );
}
