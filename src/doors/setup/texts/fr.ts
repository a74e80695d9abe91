// The texts of the set-up page in French.

import type { SetupTexts } from './en.ts';

export const fr: SetupTexts = {
  title: 'Connectez votre annuaire à {account}',
  lead: 'Les personnes de votre annuaire apparaissent dans {account} par SCIM 2.0. Si l’une change ou part, {account} suit.',
  choose: 'Quel produit gère vos personnes ?',
  continue: 'Continuer',
  other: 'Un autre produit',
  change: 'Choisir un autre produit',
  values: 'Vos valeurs',
  url: 'Tenant URL',
  token: 'Secret token',
  tokenButton: 'Créer le secret token',
  tokenAgain: 'Créer un autre secret token',
  tokenOnce: 'Copiez le token maintenant : il n’est affiché que cette fois. Il est valable jusqu’au {day}.',
  tokenUnused:
    'Un secret token qui commence par {head} a été créé ici le {time} et affiché une fois. Il ne peut plus être affiché, et aucun appel n’est encore arrivé avec lui. Si vous ne l’avez pas copié, créez-en un autre : celui-ci est alors révoqué.',
  tokenUsed:
    'Un secret token qui commence par {head} a été créé ici le {time} et est utilisé, pour la dernière fois le {last}. Il ne peut plus être affiché. Pour changer de token, créez-en un autre ; celui-ci fonctionne jusqu’à ce qu’un administrateur le révoque.',
  tokenMost:
    'Deux secret tokens de cette page sont utilisés, ou trop ont été créés ; il ne peut pas y en avoir plus. Demandez un nouveau lien à {contact} s’il vous en faut un autre.',
  tokenRace:
    'Un secret token a été créé au même moment dans une autre fenêtre, où il est affiché. S’il est perdu, créez-en un autre.',
  copy: 'Copier',
  copied: 'Copié',
  steps: 'Étapes',
  mapping: 'Attribute mapping',
  mappingLead:
    'Téléchargez l’un de ces trois mappings. Ils diffèrent par l’attribut avec lequel Entra ID trouve les personnes déjà présentes (le matching attribute) et par l’origine d’externalId, qui identifie une personne pour toujours.',
  mappings: {
    externalId: [
      'Recherche par externalId, issu d’objectId',
      'Recommandé si personne n’est encore ici, ou si tout le monde vient de cet Entra ID. Un objectId ne change jamais, même avec un nouveau nom ou identifiant.',
    ],
    userName: [
      'Recherche par userName ; externalId est issu d’objectId',
      'Recommandé si des personnes sont déjà ici, venues de fichiers ou d’un autre système, et que leur identifiant est le userPrincipalName. Entra ID les reprend. Celles qui ont un autre identifiant sont créées une seconde fois ou refusées.',
    ],
    employeeId: [
      'Recherche par externalId, issu d’employeeId',
      'Seulement si des personnes sont déjà ici avec leur numéro d’employé comme External ID, par exemple par des fichiers CSV. Chacune a besoin d’un employeeId dans Entra ID, et aucun ne doit être réutilisé.',
    ],
  },
  profile: 'Attributs pour le Profile Editor',
  columns: ['Display name', 'Variable name', 'External name', 'External namespace', 'Data type'],
  checklist: 'Liste de contrôle',
  noCall: 'Aucun appel n’est encore arrivé.',
  noCallHelp:
    'Si votre produit dit que les identifiants sont faux et qu’aucun appel n’apparaît ici, il appelle une autre adresse ou envoie un token qui n’est pas de cette connexion. Copiez de nouveau l’URL et le token.',
  lastCall: 'Dernier appel : {time}',
  waiting: 'en attente',
  statusPage: 'La liste de contrôle sur une page à part, qui s’actualise elle-même',
  back: 'Retour aux étapes',
  wrongTitle: 'Un appel est arrivé avec un mauvais token',
  wrongToken: {
    revoked:
      '{time} : un appel est arrivé avec un token de cette connexion qui a été révoqué. Il commence par {head}. Saisissez le token le plus récent à sa place.',
    expired:
      '{time} : un appel est arrivé avec un token de cette connexion qui a expiré. Il commence par {head}. Créez-en un autre et saisissez-le à sa place.',
    unknown:
      '{time} : un appel est arrivé avec un token qui commence par {head}, comme un token de cette connexion, mais qui en est un autre. Copiez de nouveau le token entier, sans le mot Bearer devant.',
  },
  refusedTitle: 'Un appel a été refusé',
  more: 'En savoir plus : {code}',
  refused: '{time} : {method} {path} a reçu la réponse {status}. {detail}',
  ticks: {
    test: 'Test de connexion',
    create: 'Une personne a été créée',
    update: 'Une personne a été modifiée',
    group: 'Un groupe est arrivé',
    deactivate: 'Une personne a été désactivée',
  },
  expiredTitle: 'Ce lien a expiré',
  revokedTitle: 'Ce lien a été retiré',
  unknownTitle: 'Ce lien ne fonctionne pas',
  over: 'Demandez-en un nouveau à {contact}. Ce qui est déjà connecté continue de fonctionner.',
  unknown: 'Le lien est incomplet ou erroné. Ouvrez-le dans le message lui-même, ou copiez-le en entier.',
  contact: 'l’administrateur qui vous a envoyé le lien',
  entra: [
    'Dans le Microsoft Entra admin center, ouvrez « Enterprise apps » et « New application », puis « Create your own application ». Choisissez « Integrate any other application you don’t find in the gallery (Non-gallery) ».',
    'Dans la nouvelle application, ouvrez « Provisioning » et créez une configuration avec le Tenant URL et le Secret token ci-dessus. Cliquez sur « Test Connection » ; la liste ci-dessous doit se cocher.',
    'Ouvrez « Attribute mapping ». Sous « Show advanced options », ouvrez l’éditeur de schéma (« Review your schema here »), téléchargez le schéma actuel comme sauvegarde, et mettez les règles et attributs du mapping ci-dessous à la place de ceux de « customappsso ». Le mapping met externalId à objectId, et tire l’indicatif du pays de la usage location.',
    'Sous « Users and groups », affectez quelques personnes. Les groupes affectés sont transmis aussi ; il faut pour cela une licence Entra ID P1. Sans elle, {account} peut créer des groupes d’après le service : demandez à {contact}.',
    'Cliquez sur « Provision on demand », choisissez une personne, et suivez la liste de contrôle.',
    'Cliquez sur « Start provisioning ». Entra ID appelle toutes les 40 minutes environ ; le premier cycle dure plus longtemps.',
  ],
  okta: [
    'Dans l’Okta Admin Console, ouvrez « Applications », « Create App Integration », et créez une application avec single sign-on. Dans l’onglet « General », modifiez les « App Settings » et choisissez « SCIM » pour « Provisioning ».',
    'Dans l’onglet « Provisioning », sous « Integration » : « SCIM connector base URL » est le Tenant URL, « Unique identifier field for users » est userName, « Authentication Mode » est « HTTP Header » avec le Secret token, sans le mot Bearer devant.',
    'Cochez « Push New Users », « Push Profile Updates » et « Push Groups ». Cliquez sur « Test Connector Configuration », puis sur « Save ».',
    'Sous « To App », activez « Create Users », « Update User Attributes » et « Deactivate Users ». Laissez « Sync Password » désactivé, sauf avis contraire de {contact}.',
    'Dans le « Profile Editor », ajoutez au profil de l’application les attributs utiles du tableau ci-dessous, et mappez-les.',
    'Dans l’onglet « Assignments », affectez des personnes. Dans « Push Groups », choisissez d’autres groupes que ceux de l’affectation. Une application créée ici envoie PUT, une application du catalogue PATCH. Les deux fonctionnent.',
  ],
  onelogin: [
    'Dans OneLogin, ouvrez « Applications », « Add App », et cherchez « SCIM Provisioner with SAML (SCIM v2 Enterprise) ».',
    'Dans « Configuration » : « SCIM Base URL » est le Tenant URL, « SCIM Bearer Token » est le Secret token. Cliquez sur « Enable » pour « API Status ».',
    'Dans « Provisioning », cochez « Enable provisioning », et choisissez ce qui se passe quand une personne est supprimée : « Suspend » la désactive ici.',
    'Dans « Parameters », mappez ce qu’il faut ; dans « Users », affectez des personnes et approuvez-les.',
  ],
  jumpcloud: [
    'Dans le JumpCloud Admin Portal, ouvrez « SSO Applications », « Add New Application », et « Custom Application » ; choisissez « Export users to this app (Identity Management) ».',
    'Dans « Identity Management », choisissez « SCIM API » et la version « SCIM 2.0 » : « Base URL » est le Tenant URL, « Token Key » est le Secret token ; indiquez l’e-mail d’un utilisateur de test. Cliquez sur « Test Connection », puis sur « Activate ».',
    'Sous « User Groups », affectez des groupes ; cochez « Enable management of User Groups » pour transmettre les groupes eux-mêmes.',
  ],
  otherSteps: [
    'Indiquez le Tenant URL comme URL de base de SCIM 2.0, et le Secret token comme bearer token (l’en-tête Authorization).',
    'Transmettez userName, name.givenName, name.familyName, emails, et un externalId qui ne change jamais pour une personne.',
    'Pour désactiver une personne, transmettez active: false ; DELETE supprime la personne.',
    'Créez d’abord une personne, et suivez la liste de contrôle.',
  ],
};
