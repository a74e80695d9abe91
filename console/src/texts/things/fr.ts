// Things of the console in French.

import type { Things } from './en.ts';

export const thingsFr: Things = {
  users: {
    one: 'Utilisateur',
    create: 'Nouvel utilisateur',
    empty: 'Il n’y a pas encore d’utilisateurs.',
    next: 'Connectez un annuaire, importez un fichier, invitez quelqu’un ou ajoutez quelqu’un ici.',
  },
  invitations: {
    one: 'Invitation',
    create: 'Inviter quelqu’un',
    empty: 'Personne n’est invité pour le moment.',
    next: 'La personne invitée reçoit un e-mail et s’inscrit sur son téléphone.',
  },
  groups: {
    one: 'Groupe d’utilisateurs',
    create: 'Nouveau groupe d’utilisateurs',
    empty: 'Il n’y a pas encore de groupes d’utilisateurs.',
    next: 'Ils arrivent avec les utilisateurs d’un annuaire ou d’un fichier ; vous pouvez aussi en créer un ici.',
  },
  stores: {
    one: 'Magasin',
    create: 'Nouveau magasin',
    empty: 'Il n’y a pas encore de magasins.',
    next: 'Ils arrivent avec les utilisateurs d’un annuaire ou d’un fichier ; vous pouvez aussi en créer un ici.',
  },
  orgUnits: {
    one: 'Unité d’organisation',
    create: 'Nouvelle unité d’organisation',
    empty: 'Il n’y a pas encore d’unités d’organisation.',
    next: 'Commencez par la plus haute ; le chemin des unités situées en dessous commence par le sien, par exemple Retail/Benelux.',
  },
  roles: {
    one: 'Rôle',
    create: 'Nouveau rôle',
    empty: 'Il n’y a pas encore de rôles.',
    next: 'Créez-en un pour chaque rôle que vos fichiers donnent à quelqu’un ; une ligne qui en contient un autre est refusée.',
  },
  organizations: {
    one: 'Organisation',
    create: 'Nouvelle organisation',
    empty: 'Il n’y a pas encore d’organisations.',
    next: 'Créez-en une pour chaque organisation que vos fichiers nomment ; une ligne qui en contient une autre est refusée.',
  },
  enrollmentProfiles: {
    one: 'Profil d’inscription',
    create: 'Nouveau profil d’inscription',
    empty: 'Il n’y a pas encore de profils d’inscription.',
    next: 'Créez-en un pour chaque profil que vos fichiers nomment ; une ligne qui en contient un autre est refusée.',
  },
  courses: {
    one: 'Cours',
    create: 'Nouveau cours',
    empty: 'Il n’y a pas encore de cours.',
    next: 'Publiez-en un pour tous ou pour certains groupes d’utilisateurs.',
  },
  imports: {
    one: 'Import',
    create: 'Nouvel import',
    empty: 'Rien n’a encore été importé.',
    next: 'Choisissez ci-dessus un fichier CSV ou XML. Il est d’abord simulé.',
  },
  connections: {
    one: 'Connexion',
    create: 'Nouvelle connexion',
    empty: 'Il n’y a pas encore de connexions.',
    next: 'Créez-en une pour l’annuaire qui envoie vos utilisateurs, et donnez-lui un jeton ou envoyez son lien de configuration.',
  },
  attributes: {
    one: 'Attribut propre',
    create: 'Nouvel attribut propre',
    empty: 'Il n’y a pas encore d’attributs propres.',
    next: 'Ajoutez-en un pour ce que vous savez des personnes et qu’aucun autre champ ne contient.',
  },
  events: {
    one: 'Requête',
    create: 'Nouvelle requête',
    empty: 'Il n’y a pas encore eu de requêtes.',
    next: 'Elles apparaissent ici dès qu’une connexion appelle. Créez d’abord une connexion.',
  },
  audit: {
    one: 'Modification',
    create: 'Nouvelle modification',
    empty: 'Rien n’a encore été modifié.',
    next: 'Chaque modification d’un utilisateur, d’un groupe ou d’un magasin apparaît ici, avec son auteur.',
  },
  administrators: {
    one: 'Administrateur',
    create: 'Nouvel administrateur',
    empty: 'Le compte n’a pas encore d’administrateurs à lui.',
    next: 'Ajoutez quelqu’un qui s’occupe des utilisateurs ; cette personne reçoit un lien pour définir un mot de passe.',
  },
};
