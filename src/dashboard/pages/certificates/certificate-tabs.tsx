import { useQuery } from '@tanstack/react-query';
import { meQuery } from '../../frame/client.ts';
import { SectionTabs } from '../../look/section-tabs.tsx';
import { TEXTS } from '../../texts/index.ts';

const texts = TEXTS.certificates;

/** Whether the person sees what belongs to the installation: orders, and where certificates come from. */
export function useSeesInstallation(): boolean {
  const permissions = useQuery(meQuery).data?.permissions as readonly string[] | undefined;
  return permissions?.includes('installation.read') === true;
}

export function CertificateTabs() {
  const seesInstallation = useSeesInstallation();
  if (!seesInstallation) return null;
  return (
    <SectionTabs
      label={texts.title}
      tabs={[
        { to: '/certificates', label: texts.issued },
        { to: '/certificates/own', label: texts.own },
        { to: '/certificates/acme', label: texts.acme },
      ]}
    />
  );
}
