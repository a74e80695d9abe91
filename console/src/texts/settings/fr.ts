// The settings of an account in French: their names, and what can be chosen.

import type { settingsEn } from './en.ts';

export const settingsFr: typeof settingsEn = {
  saved: 'Enregistré.',
  lead: 'Ce qu’un compte peut choisir. Un champ vide signifie la valeur par défaut.',
  labels: {
    name: 'Nom',
    timeZone: 'Fuseau horaire',
    importTime: 'Heure de l’import quotidien',
    importEncoding: 'Encodage des fichiers',
    termsVersion: 'Version des conditions',
    termsUrl: 'Adresse des conditions',
    contact: 'Contact pour les apprenants',
    colour: 'Couleur',
    crewplannerSlug: 'Sous-domaine CrewPlanner',
    requiredData: 'Utilisateurs sans données obligatoires',
    login: 'Connexion des apprenants',
    endDatePolicy: 'À leur date de fin, les utilisateurs sont',
    crewplannerAlgorithm: 'Signature des liens CrewPlanner',
    importDelimiter: 'Séparateur des fichiers',
    inviteLifetimeDays: 'Validité d’une invitation en jours',
    passwordSync: 'Reprendre les mots de passe de SCIM',
    inviteImported: 'Inviter les nouveaux utilisateurs des fichiers CSV',
  },
  choices: {
    enforce: 'sont refusés',
    report: 'sont acceptés et signalés comme incomplets',
    password: 'avec un mot de passe',
    link: 'seulement par le lien d’un partenaire',
    deactivate: 'désactivés',
    delete: 'supprimés',
    tab: 'tabulation',
    detect: 'détecté',
  },
};
