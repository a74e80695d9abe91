// Les textes sur la santé des connexions en français.

import type { HealthTexts } from './en.ts';

export const fr: HealthTexts = {
  title: 'Santé',
  loading: 'Chargement…',
  status: { ok: 'Fonctionne', warning: 'À vérifier', problem: 'Ne fonctionne pas', unused: 'Aucun appel encore' },
  problems: {
    inQuarantine:
      'D’après ses seuils publiés, Entra ID a mis cette tâche en quarantaine : elle s’exécute une fois par jour et est désactivée après quatre semaines.',
    tokenExpired:
      'Le jeton a expiré : chaque synchronisation est refusée. Créez-en un nouveau et collez-le dans le client.',
    quarantineNear:
      'Entra ID mettra cette tâche en quarantaine si les échecs continuent. Corrigez d’abord l’erreur la plus fréquente.',
    tokenExpiring:
      'Le jeton expire dans %{days}. Créez-en un nouveau et collez-le dans le client tant que l’ancien fonctionne.',
    manyRefused:
      'Beaucoup d’appels ont été refusés ces dernières 24 heures. Sa page montre les erreurs les plus fréquentes.',
    serverErrors:
      'Le serveur n’a pas pu répondre à plusieurs appels ces dernières 24 heures. Le client réessaie de lui-même.',
    neverCalled:
      'Le client n’a encore rien envoyé. Envoyez le lien d’installation aux personnes qui gèrent l’annuaire.',
  },
  oneDay: 'un jour',
  days: '%{n} jours',
  lastCall: 'Dernier appel',
  lastSuccess: 'Dernier appel réussi',
  never: 'jamais',
  client: 'Client',
  unknownClient: 'non reconnu à son User-Agent',
  interval: 'Intervalle des synchronisations',
  observed: '%{n} minutes observées',
  published: 'environ %{n} minutes, selon son éditeur',
  unknown: 'inconnu',
  next: 'Prochaine synchronisation',
  due: 'attendue %{time}',
  overdue:
    'était attendue %{time}. Un client peut ne rien envoyer tant que rien ne change ; si vous attendez des changements, vérifiez que sa synchronisation tourne.',
  people: 'Utilisateurs',
  groups: 'Groupes d’utilisateurs',
  brought: '%{n} de cette connexion, comptés %{time}',
  here: '%{n} dans le compte',
  listed: 'le client en a lu %{n} la dernière fois (%{time}), %{difference}',
  same: 'aucune différence depuis',
  more: '%{n} de plus ici depuis',
  fewer: '%{n} de moins ici depuis',
  notListed: 'le client ne lit pas toute la liste, il n’y a donc rien à comparer',
  calls: 'Appels',
  hours: 'Dernières 48 heures',
  month: '30 derniers jours',
  accepted: 'Acceptés',
  refused: 'Refusés',
  failed: 'Erreurs du serveur',
  summary: '%{requests} appels, %{refused} refusés, %{failed} erreurs du serveur',
  table: 'Afficher en tableau',
  time: 'Moment',
  requests: 'Appels',
  faults: 'Ce qui échoue le plus (30 jours)',
  showRefused: 'Afficher les requêtes refusées',
  noFaults: 'Rien n’a été refusé ces 30 derniers jours.',
  once: 'une fois, %{time}',
  times: '%{n} fois, la dernière %{time}',
  quarantine: 'Quarantaine d’Entra ID',
  forecast: { none: 'Pas proche', approaching: 'Proche', inQuarantine: 'En quarantaine' },
  counted: '%{failures} opérations sur %{operations} ont échoué ces dernières %{hours} heures (%{share} %).',
  left: 'Après encore %{n} échecs d’affilée : %{threshold}.',
  crossed: 'Seuil franchi : %{threshold}.',
  thresholds: {
    token: 'les appels sont refusés à cause de leur jeton',
    share: 'plus de 40 % d’échecs, à partir de 5 000 échecs',
    failures: 'plus de 40 000 échecs, sans ceux des références',
    allFailures: '60 000 échecs en tout',
  },
  restart:
    'Corrigez la cause, puis cliquez sur Restart provisioning dans Entra. Pour un jeton : créez-en d’abord un nouveau, collez-le comme Secret Token et cliquez sur Test Connection.',
  overview: 'Connexions',
  allWork: 'Toutes les connexions fonctionnent.',
  requestsOverTime: 'Appels et refus, 30 derniers jours',
  usersOverTime: 'Utilisateurs, 30 derniers jours',
  activeUsers: 'Utilisateurs actifs',
  inactiveUsers: 'Utilisateurs inactifs',
  usersSummary: '%{users} utilisateurs, dont %{active} actifs, comptés %{time}',
};
