import { useQuery } from '@tanstack/react-query';
import { FlaskConical, Pencil } from 'lucide-react';
import { ButtonLink } from '../../look/button.tsx';
import { Card } from '../../look/page.tsx';
import { TEXTS } from '../../texts/index.ts';
import { useNames } from '../policies/names.ts';
import { organisationPolicyQuery, RuleSentences } from '../policies/policies.tsx';
import { asPolicy, type Policy } from '../policies/policy-model.ts';
import type { Application } from './application-shape.ts';

const texts = TEXTS.applications;

/** Who comes in, and by which rules. */
export function AccessTab({ application }: { readonly application: Application }) {
  const { id } = application;
  const organisation = useQuery(organisationPolicyQuery);
  const before = organisation.data ? asPolicy(organisation.data) : undefined;
  const policy = asPolicy(application.policy);
  const names = useNames([policy, before]);
  return (
    <div className="grid gap-6">
      {before && before.rules.length > 0 && (
        <Card
          title={TEXTS.policies.organisation}
          lead={TEXTS.policies.organisationLead}
          actions={<ButtonLink to="/policies/organisation">{texts.see}</ButtonLink>}
        >
          <RuleSentences policy={before} nameOf={names.nameOf} none="" />
        </Card>
      )}
      <Card
        title={texts.access}
        lead={texts.policyLead}
        actions={
          <>
            <ButtonLink
              to="/simulator"
              search={{ application: id }}
              icon={<FlaskConical size={15} aria-hidden="true" />}
            >
              {texts.simulate}
            </ButtonLink>
            <ButtonLink kind="first" to="/policies/$id" params={{ id }} icon={<Pencil size={15} aria-hidden="true" />}>
              {TEXTS.policies.edit}
            </ButtonLink>
          </>
        }
      >
        <RuleSentences policy={policy} nameOf={names.nameOf} none={texts.noRules} />
        <p className="mt-3 border-t pt-3 text-sm text-quiet">{summaryOf(policy)}</p>
      </Card>
    </div>
  );
}

/** In a word: is it closed, public, or for whom? */
function summaryOf({ rules }: Policy): string {
  const live = rules.filter(({ enabled }) => enabled !== false);
  if (!live.some(({ then }) => then.kind !== 'deny')) return texts.closed;
  return live.some(({ then }) => then.kind === 'bypass') ? texts.partlyPublic : texts.signInOnly;
}
