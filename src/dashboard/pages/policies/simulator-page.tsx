import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { ApplicationField } from '../../frame/application-field.tsx';
import { Page } from '../../look/page.tsx';
import { TEXTS } from '../../texts/index.ts';
import { applicationQuery } from '../applications/application-shape.ts';
import { useNames } from './names.ts';
import { Simulator } from './simulator.tsx';

const texts = TEXTS.simulator;

export function SimulatorPage() {
  const { application: id } = useSearch({ strict: false }) as { application?: string };
  const navigate = useNavigate();
  const application = useQuery({ ...applicationQuery(id ?? ''), enabled: id !== undefined });
  const names = useNames(application.data?.policy);
  return (
    <Page title={texts.title} lead={texts.lead}>
      <Simulator
        names={names}
        resourceId={id}
        isWholePage
        choice={
          <ApplicationField
            label={texts.application}
            value={id}
            onChange={(next) =>
              void navigate({
                to: '/simulator',
                search: next === undefined ? {} : { application: next },
                replace: true,
              })
            }
          />
        }
      />
    </Page>
  );
}
