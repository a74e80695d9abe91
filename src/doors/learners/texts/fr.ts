// The texts of the pages and mails of learners in French.

import type { Texts } from './en.ts';

export const fr: Texts = {
  signIn: {
    title: 'Se connecter',
    name: 'Identifiant ou e-mail',
    password: 'Mot de passe',
    button: 'Se connecter',
    forgot: 'Mot de passe oublié ?',
    wrong:
      'Cet identifiant ou cet e-mail et ce mot de passe ne vont pas ensemble. Si plusieurs personnes utilisent votre e-mail, connectez-vous avec votre identifiant.',
    ambiguous: 'Plusieurs personnes utilisent cet e-mail. Connectez-vous avec votre identifiant.',
    limited: 'Trop de mots de passe erronés. Réessayez dans {wait}.',
    busy: 'Beaucoup de personnes se connectent. Réessayez dans un instant.',
    empty: 'Remplissez les deux champs.',
  },
  seconds: '{n} secondes',
  minutes: '{n} minutes',
  forgot: {
    title: 'Définir un nouveau mot de passe',
    lead: 'Indiquez votre identifiant ou votre e-mail. Si nous vous connaissons, nous vous envoyons un e-mail avec un lien pour définir un mot de passe.',
    button: 'Envoyer le lien',
    sentTitle: 'Consultez vos e-mails',
    sent: 'Si nous vous connaissons et avons votre e-mail, un message avec un lien est en route. Le lien fonctionne une seule fois, pendant une heure. Rien reçu ? Regardez dans vos courriers indésirables ou demandez à {contact}.',
    limited: 'Trop de liens ont été demandés depuis ici. Réessayez plus tard.',
    back: 'Retour à la connexion',
  },
  password: {
    title: 'Choisissez un mot de passe',
    label: 'Nouveau mot de passe, 12 caractères au moins',
    hint: 'Plusieurs mots sans rapport entre eux sont faciles à retenir et difficiles à deviner.',
    button: 'Définir le mot de passe',
    short: 'Le mot de passe doit avoir au moins 12 caractères.',
    long: 'Le mot de passe est trop long.',
    weak: 'Ce mot de passe est trop facile à deviner. Utilisez plusieurs mots sans rapport entre eux, et pas votre nom.',
    doneTitle: 'Votre mot de passe est défini',
    done: 'Vous pouvez maintenant vous connecter avec lui. Vous êtes déconnecté de tous vos appareils.',
    continue: 'Se connecter',
  },
  chooseLanguage: {
    title: 'Bienvenue, {name}',
    titleUnnamed: 'Bienvenue',
    lead: 'Dans quelle langue voulez-vous apprendre ?',
    button: 'Continuer',
  },
  terms: {
    title: 'Conditions générales',
    lead: 'Avant de continuer, acceptez les conditions générales et la politique de confidentialité de {account}.',
    read: 'Lire les conditions générales (s’ouvre dans une nouvelle fenêtre)',
    version: 'Version {version}',
    accept: 'J’accepte les conditions générales et la politique de confidentialité',
    button: 'Continuer',
    missing: 'Cochez la case pour continuer.',
  },
  done: {
    title: 'Vous y êtes',
    lead: 'Votre inscription chez {account} est terminée.',
    continue: 'Ouvrir l’application',
    later: 'Ouvrez l’application de {account} et connectez-vous.',
  },
  refused: {
    title: 'Vous ne pouvez pas entrer',
    blocked: 'Votre accès est bloqué. Demandez à {contact}.',
    inactive: 'Votre accès n’est pas actif. Demandez à {contact}.',
    notRegistered:
      'Vous n’êtes pas encore inscrit. Ouvrez le lien de votre invitation, ou demandez à {contact} de la renvoyer.',
    linkOnly: 'Chez {account}, vous entrez par le lien de votre application de planning, sans mot de passe.',
    incomplete:
      'Certaines de vos données manquent, vous ne pouvez donc pas encore entrer : {missing}. Demandez à {contact} de les compléter.',
    managerWithoutStore:
      'Vous êtes responsable, mais aucun magasin ne vous est encore attribué. Demandez à {contact} de vous en attribuer un, puis revenez.',
    other: 'Se connecter avec un autre compte',
  },
  contact: 'votre administrateur',
  missing: {
    name: 'votre nom',
    contact: 'votre e-mail ou numéro de téléphone',
    store: 'votre magasin',
    group: 'votre groupe',
    manager: 'votre responsable',
    other: 'd’autres données',
  },
  link: {
    usedTitle: 'Ce lien a déjà été utilisé',
    used: 'Vous vous êtes déjà inscrit avec ce lien. Connectez-vous avec votre mot de passe. Si vous l’avez oublié, vous pouvez en définir un nouveau à cet endroit.',
    usedByLink: 'Vous vous êtes déjà inscrit avec ce lien. Entrez par le lien de votre application de planning.',
    expiredTitle: 'Ce lien a expiré',
    expired: 'Le délai d’inscription est passé. Demandez une nouvelle invitation à {contact}.',
    revokedTitle: 'Cette invitation a été retirée',
    revoked: 'L’invitation n’est plus valable. Si vous pensez que c’est une erreur, demandez à {contact}.',
    unknownTitle: 'Ce lien ne fonctionne pas',
    unknown: 'Le lien n’est pas complet ou pas correct. Ouvrez-le dans l’e-mail même, ou copiez-le en entier.',
    resetTitle: 'Ce lien n’est plus valable',
    reset: 'Il a été utilisé, ou il date de plus d’une heure. Demandez-en un nouveau sur la page de connexion.',
    signIn: 'Aller à la connexion',
  },
  signOut: {
    title: 'Se déconnecter',
    lead: 'Voulez-vous vous déconnecter ?',
    everywhere: 'Sur tous mes appareils',
    button: 'Se déconnecter',
    doneTitle: 'Vous êtes déconnecté',
    done: 'Vous pouvez fermer cette fenêtre.',
  },
  failed: {
    title: 'Cela n’a pas fonctionné',
    expired:
      'Cette page est trop ancienne, ou la connexion a commencé dans une autre fenêtre. Retournez à l’application et reconnectez-vous.',
    foreign: 'Le formulaire a été envoyé depuis un autre site. Rien n’a été modifié.',
    request: 'L’application a demandé quelque chose d’impossible. Retournez à l’application et réessayez.',
    server: 'Un problème est survenu de notre côté. Réessayez dans quelques minutes.',
    busy: 'Il y a beaucoup de monde en ce moment. Réessayez dans quelques secondes.',
    way: 'Ce moyen de connexion n’existe pas. Vérifiez l’adresse.',
    linkInvalid:
      'Ce lien ne fonctionne pas. Ouvrez à nouveau MobieTrain depuis votre application de planning ; si cela ne suffit pas, adressez-vous à {contact}.',
    linkExpired: 'Ce lien est trop ancien. Ouvrez à nouveau MobieTrain depuis votre application de planning.',
    linkUsed:
      'Ce lien a déjà été utilisé ; il ne fonctionne qu’une fois. Ouvrez à nouveau MobieTrain depuis votre application de planning.',
    linkRefused:
      'Votre application de planning a envoyé des données qui ne permettent pas de vous laisser entrer. Adressez-vous à {contact}.',
    linkOff:
      'Le lien depuis votre application de planning n’est pas configuré pour ce compte. Adressez-vous à {contact}.',
  },
  mail: {
    resetSubject: 'Définissez votre mot de passe pour {account}',
    reset:
      'Bonjour {name},\n\nOuvrez ce lien pour définir un nouveau mot de passe pour {account}. Il fonctionne une seule fois, pendant une heure :\n\n{url}\n\nVotre identifiant est {loginName}.\n\nSi vous n’avez rien demandé, ne faites rien : votre mot de passe reste le même.',
    inviteSubject: 'Votre invitation à {account}',
    invite:
      'Bonjour {name},\n\nVous êtes invité à apprendre avec {account}. Ouvrez ce lien pour choisir votre langue et un mot de passe :\n\n{url}\n\nLe lien fonctionne jusqu’au {lastDay} inclus. Si vous ne vous inscrivez pas d’ici là, vos données seront supprimées.',
    reminderSubject: 'Votre invitation à {account} est toujours ouverte',
    reminder:
      'Bonjour {name},\n\nVous ne vous êtes pas encore inscrit auprès de {account}. Ouvrez ce lien pour choisir votre langue et un mot de passe :\n\n{url}\n\nLe lien fonctionne jusqu’au {lastDay} inclus. Si vous ne vous inscrivez pas d’ici là, vos données seront supprimées.',
    tokenExpirySubject: 'Un jeton de {connection} expire le {lastDay}',
    tokenExpiry:
      'Bonjour {name},\n\nLe jeton {token} de la connexion {connection} de {account} expire le {lastDay}. À partir de ce moment, le serveur refuse chaque synchronisation, et Entra ID met aussitôt la tâche en quarantaine.\n\nCréez un nouveau jeton et collez-le dans le client tant que l’ancien fonctionne encore :\n\n{url}\n\nLes deux jetons fonctionnent jusqu’à ce que l’ancien expire ou soit révoqué.',
    tokenExpiryButton: 'Ouvrir la connexion',
    resetButton: 'Définir le mot de passe',
    inviteButton: 'S’inscrire',
    sms: '{account} : inscrivez-vous jusqu’au {lastDay} avec ce lien : {url}',
  },
};
