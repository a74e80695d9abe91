// La cause et le remède de chaque code d'erreur en français.

import type { Remedies } from './remedies.ts';

export const fr: Remedies = {
  required: {
    cause: 'Un attribut obligatoire n’est pas mappé dans le client, ou il est vide à la source pour ces personnes.',
    fix: 'Remplissez l’attribut à la source, ou mappez-le. Pour accepter des utilisateurs incomplets et voir ce qui manque, réglez le compte pour qu’il signale les données obligatoires.',
  },
  tooLong: {
    cause: 'Un texte à la source est plus long que ce que le serveur conserve.',
    fix: 'Raccourcissez le texte à la source, ou coupez-le dans le mappage des attributs.',
  },
  tooMany: {
    cause: 'Une requête contient plus d’éléments que ce qui est permis en une fois.',
    fix: 'Envoyez-en moins à la fois ; attribuez les groupes à l’application l’un après l’autre.',
  },
  wrongType: {
    cause: 'Le mappage envoie un autre type que celui de l’attribut, comme un texte pour un nombre.',
    fix: 'Corrigez l’expression du mappage ; la réponse à une requête refusée nomme l’attribut et le bon type.',
  },
  invalidValue: {
    cause: 'Une valeur à la source a une forme qui n’est pas permise, comme le nom d’un pays au lieu de son indicatif.',
    fix: 'Corrigez la valeur à la source, ou convertissez-la dans le mappage ; la réponse nomme l’attribut et la règle.',
  },
  uniqueness: {
    cause:
      'Un autre utilisateur ou groupe a ici le même identifiant ou le même External ID : souvent quelqu’un qui a été importé ou invité auparavant.',
    fix: 'Faites correspondre par un attribut que les deux côtés ont, pour que le client trouve l’utilisateur existant. Sinon, modifiez l’un des deux.',
  },
  notFound: {
    cause: 'Le client désigne un utilisateur ou un groupe qui a été supprimé ici.',
    fix: 'Relancez la synchronisation dans le client, pour qu’il cherche à nouveau tout le monde.',
  },
  memberNotFound: {
    cause:
      'Un groupe a un membre qui n’est pas ici : le client n’a pas créé cette personne, sa création a été refusée, ou elle a été supprimée ici.',
    fix: 'Attribuez aussi la personne à l’application, et cherchez une création refusée auparavant. Si elle a été supprimée ici, retirez puis remettez l’attribution.',
  },
  nestedGroup: {
    cause: 'Un groupe a un autre groupe comme membre ; les groupes d’utilisateurs n’ont pas de hiérarchie ici.',
    fix: 'Attribuez les groupes qui contiennent les personnes elles-mêmes.',
  },
  mutability: {
    cause:
      'Le client modifie un attribut que seul le serveur ou un administrateur peut modifier, ou les membres d’un groupe dérivé.',
    fix: 'Retirez l’attribut du mappage, ou le groupe de l’attribution.',
  },
  userLimit: {
    cause: 'Le compte a autant d’utilisateurs actifs que son contrat le permet.',
    fix: 'Désactivez les personnes qui sont parties, ou faites relever la limite.',
  },
  ambiguousIdentity: {
    cause: 'Une ligne d’un fichier correspond à plus d’un utilisateur.',
    fix: 'Ajoutez l’External ID à la ligne.',
  },
  possibleDuplicate: {
    cause:
      'Une ligne a l’adresse e-mail d’un utilisateur avec un autre External ID, qui est peut-être la même personne.',
    fix: 'Corrigez l’External ID dans le fichier, ou changez l’adresse e-mail de l’un des deux.',
  },
  unknownReference: {
    cause: 'Un rôle, une unité, une organisation, un profil d’inscription ou un magasin nommé n’existe pas ici.',
    fix: 'Créez-le d’abord, ou corrigez le nom à la source.',
  },
  inUse: {
    cause: 'On veut supprimer quelque chose que des utilisateurs ont encore.',
    fix: 'Déplacez d’abord les utilisateurs, puis supprimez-le.',
  },
  forbidden: {
    cause:
      'Les données d’accès, ou le rôle de l’administrateur, ne le permettent pas. Une connexion ne fait que lire les magasins et les unités d’organisation par SCIM, tant qu’elle n’a pas le droit de les écrire.',
    fix: 'Utilisez un jeton de cette connexion, ou demandez le droit. Pour les magasins et les unités d’organisation, activez « Écrit les magasins et les unités d’organisation » dans la connexion, dans la console ou avec `connection set NAME --stores-and-units write`.',
  },
  preconditionFailed: {
    cause: 'Deux clients modifient la même ressource, et l’un travaille avec une ancienne version.',
    fix: 'Cela se résout à la prochaine synchronisation. Si cela se répète, laissez une seule connexion écrire ces utilisateurs.',
  },
  busy: {
    cause:
      'Beaucoup de requêtes modifient la même ressource en même temps, ou le serveur n’a plus de place pour d’autres requêtes.',
    fix: 'Le client réessaie de lui-même. Si cela se répète chaque jour, répartissez le travail : moins d’attributions à la fois.',
  },
  filter: {
    cause: 'Le client cherche par un attribut ou un opérateur que le serveur n’a pas.',
    fix: 'Choisissez userName, externalId ou l’e-mail professionnel comme attribut de correspondance dans le mappage du client.',
  },
  path: {
    cause: 'Le mappage nomme un attribut qui n’existe pas ici.',
    fix: 'Comparez le mappage au tableau des attributs, et supprimez ou corrigez la ligne. Ou laissez la connexion ignorer les attributs inconnus.',
  },
  syntax: {
    cause: 'Le client envoie une requête qui n’est pas du JSON valide, ou pas un message SCIM.',
    fix: 'Ouvrez l’une des requêtes refusées dans la chronologie : la réponse nomme l’endroit. Signalez-le à l’éditeur du client.',
  },
  cursor: {
    cause: 'Le client continue une liste trop tard, ou avec d’autres paramètres qu’au début.',
    fix: 'Relancez l’importation. Si cela se répète, utilisez des pages par startIndex.',
  },
  outage: {
    cause: 'Le serveur ou sa base de données n’était pas disponible.',
    fix: 'Le client réessaie de lui-même. Si cela dure, demandez à l’exploitant du serveur, avec le numéro de requête d’un événement.',
  },
  expired: {
    cause: 'Le jeton de cette connexion a expiré.',
    fix: 'Créez ici un nouveau jeton et collez-le dans le client comme jeton secret. Testez-y ensuite la connexion.',
  },
  revoked: {
    cause: 'Le client utilise un jeton qui a été révoqué.',
    fix: 'Collez le jeton actuel dans le client, ou créez-en un nouveau. Testez-y ensuite la connexion.',
  },
  address: {
    cause: 'Le client appelle une adresse qui n’existe pas ici, ou une ressource qui a été supprimée.',
    fix: 'Comparez la Tenant URL à celle de la page d’installation. Sinon, relancez la synchronisation.',
  },
  method: {
    cause: 'Le client utilise une méthode que l’adresse n’a pas.',
    fix: 'Comparez la Tenant URL à celle de la page d’installation : elle doit se terminer par /scim/v2.',
  },
  size: {
    cause: 'Une requête est plus grande que ce que le serveur accepte.',
    fix: 'Envoyez moins de membres ou d’opérations à la fois.',
  },
  mediaType: {
    cause: 'Le client envoie un contenu qui n’est pas du JSON.',
    fix: 'Réglez le type de contenu du client sur application/scim+json.',
  },
  unknown: {
    cause: 'Les requêtes ont été refusées pour une raison qui figure dans chaque réponse.',
    fix: 'Ouvrez l’une des requêtes refusées dans la chronologie et suivez la phrase de la réponse.',
  },
};
