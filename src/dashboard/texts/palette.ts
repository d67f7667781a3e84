export const PALETTE_TEXTS = {
  open: 'Go to',
  title: 'Go anywhere',
  placeholder: 'Find a page, an application, a person…',
  keys: { mac: '⌘ K', other: 'Ctrl K' },
  found: (count: number) => (count === 1 ? '1 match' : `${count} matches`),
  none: 'Nothing matches. Names of applications, sites, people and pages are searched.',
  help: 'Arrow keys to choose, Enter to go there, Escape to close.',
  groups: {
    actions: 'Do something',
    pages: 'Pages',
    applications: 'Applications',
    sites: 'Sites',
    pops: 'Points of presence',
    users: 'Users',
  },
} as const;
