// The texts of the pages and mails of learners in Dutch.

import type { Texts } from './en.ts';

export const nl: Texts = {
  signIn: {
    title: 'Aanmelden',
    name: 'Gebruikersnaam of e-mail',
    password: 'Wachtwoord',
    button: 'Aanmelden',
    forgot: 'Wachtwoord vergeten?',
    wrong:
      'Deze gebruikersnaam of dit e-mailadres en dit wachtwoord horen niet bij elkaar. Gebruiken meerdere mensen je e-mailadres? Meld je dan aan met je gebruikersnaam.',
    ambiguous: 'Meerdere mensen gebruiken dit e-mailadres. Meld je aan met je gebruikersnaam.',
    limited: 'Te veel foute wachtwoorden. Probeer het opnieuw over {wait}.',
    busy: 'Veel mensen melden zich aan. Probeer het zo meteen opnieuw.',
    empty: 'Vul beide velden in.',
  },
  seconds: '{n} seconden',
  minutes: '{n} minuten',
  forgot: {
    title: 'Een nieuw wachtwoord instellen',
    lead: 'Vul je gebruikersnaam of e-mailadres in. Als we je kennen, sturen we je een mail met een link om een wachtwoord in te stellen.',
    button: 'De link versturen',
    sentTitle: 'Kijk in je mail',
    sent: 'Als we je kennen en je e-mailadres hebben, is er een mail met een link onderweg. De link werkt één keer, een uur lang. Niets ontvangen? Kijk in je map met ongewenste mail, of vraag het aan {contact}.',
    limited: 'Er is van hier te vaak om een link gevraagd. Probeer het later opnieuw.',
    back: 'Terug naar aanmelden',
  },
  password: {
    title: 'Kies een wachtwoord',
    label: 'Nieuw wachtwoord, minstens 12 tekens',
    hint: 'Een paar woorden die niet bij elkaar horen, onthoud je makkelijk en zijn moeilijk te raden.',
    button: 'Het wachtwoord instellen',
    short: 'Het wachtwoord heeft minstens 12 tekens nodig.',
    long: 'Het wachtwoord is te lang.',
    weak: 'Dit wachtwoord is te makkelijk te raden. Gebruik een paar woorden die niet bij elkaar horen, en niet je naam.',
    doneTitle: 'Je wachtwoord is ingesteld',
    done: 'Je kunt je er nu mee aanmelden. Op al je apparaten ben je afgemeld.',
    continue: 'Aanmelden',
  },
  chooseLanguage: {
    title: 'Welkom, {name}',
    titleUnnamed: 'Welkom',
    lead: 'In welke taal wil je leren?',
    button: 'Doorgaan',
  },
  terms: {
    title: 'Algemene voorwaarden',
    lead: 'Aanvaard de algemene voorwaarden en het privacybeleid van {account} voordat je doorgaat.',
    read: 'De algemene voorwaarden lezen (opent in een nieuw venster)',
    version: 'Versie {version}',
    accept: 'Ik aanvaard de algemene voorwaarden en het privacybeleid',
    button: 'Doorgaan',
    missing: 'Vink het vakje aan om door te gaan.',
  },
  done: {
    title: 'Je bent binnen',
    lead: 'Je registratie bij {account} is klaar.',
    continue: 'De app openen',
    later: 'Open de app van {account} en meld je aan.',
  },
  refused: {
    title: 'Je kunt niet naar binnen',
    blocked: 'Je toegang is geblokkeerd. Vraag het aan {contact}.',
    inactive: 'Je toegang is niet actief. Vraag het aan {contact}.',
    notRegistered:
      'Je hebt je nog niet geregistreerd. Open de link in je uitnodiging, of vraag {contact} om ze opnieuw te sturen.',
    linkOnly: 'Bij {account} kom je binnen via de link in je planningsapp, zonder wachtwoord.',
    incomplete:
      'Een deel van je gegevens ontbreekt, daarom kun je nog niet naar binnen: {missing}. Vraag {contact} om ze aan te vullen.',
    managerWithoutStore:
      'Je bent manager, maar er is nog geen winkel aan je toegewezen. Vraag {contact} om er een toe te wijzen en kom dan terug.',
    other: 'Als iemand anders aanmelden',
  },
  contact: 'je beheerder',
  missing: {
    name: 'je naam',
    contact: 'je e-mailadres of telefoonnummer',
    store: 'je winkel',
    group: 'je groep',
    manager: 'je manager',
    other: 'andere gegevens',
  },
  link: {
    usedTitle: 'Deze link is al gebruikt',
    used: 'Je hebt je al geregistreerd met deze link. Meld je aan met je wachtwoord. Ben je het vergeten? Dan kun je daar een nieuw instellen.',
    usedByLink: 'Je hebt je al geregistreerd met deze link. Kom binnen via de link in je planningsapp.',
    expiredTitle: 'Deze link is verlopen',
    expired: 'De tijd om je te registreren is voorbij. Vraag {contact} om een nieuwe uitnodiging.',
    revokedTitle: 'Deze uitnodiging is ingetrokken',
    revoked: 'De uitnodiging is niet meer geldig. Denk je dat dit een vergissing is? Vraag het dan aan {contact}.',
    unknownTitle: 'Deze link werkt niet',
    unknown: 'De link is niet volledig of niet juist. Open hem in de mail zelf, of kopieer hem helemaal.',
    resetTitle: 'Deze link is niet meer geldig',
    reset: 'Hij is al gebruikt, of hij is ouder dan een uur. Vraag een nieuwe aan op de pagina waar je je aanmeldt.',
    signIn: 'Naar het aanmelden',
  },
  signOut: {
    title: 'Afmelden',
    lead: 'Wil je je afmelden?',
    everywhere: 'Op al mijn apparaten',
    button: 'Afmelden',
    doneTitle: 'Je bent afgemeld',
    done: 'Je kunt dit venster sluiten.',
  },
  failed: {
    title: 'Dat is niet gelukt',
    expired:
      'Deze pagina is te oud, of het aanmelden is in een ander venster begonnen. Ga terug naar de app en meld je opnieuw aan.',
    foreign: 'Het formulier is vanaf een andere site verstuurd. Er is niets veranderd.',
    request: 'De app vroeg iets dat niet mogelijk is. Ga terug naar de app en probeer het opnieuw.',
    server: 'Er is iets mis aan onze kant. Probeer het over een paar minuten opnieuw.',
    busy: 'Er zijn op dit moment veel mensen. Probeer het over een paar seconden opnieuw.',
    way: 'Deze manier van aanmelden bestaat niet. Controleer het adres.',
    linkInvalid:
      'Deze link werkt niet. Open MobieTrain opnieuw vanuit je planningsapp; helpt dat niet, vraag het aan {contact}.',
    linkExpired: 'Deze link is te oud. Open MobieTrain opnieuw vanuit je planningsapp.',
    linkUsed: 'Deze link is al gebruikt; hij werkt één keer. Open MobieTrain opnieuw vanuit je planningsapp.',
    linkRefused: 'Je planningsapp stuurde gegevens waarmee we je niet kunnen binnenlaten. Vraag het aan {contact}.',
    linkOff: 'De link vanuit je planningsapp is voor deze account niet ingesteld. Vraag het aan {contact}.',
  },
  mail: {
    resetSubject: 'Stel je wachtwoord in voor {account}',
    reset:
      'Dag {name},\n\nOpen deze link om een nieuw wachtwoord in te stellen voor {account}. Hij werkt één keer, een uur lang:\n\n{url}\n\nJe gebruikersnaam is {loginName}.\n\nHeb je dit niet gevraagd? Doe dan niets: je wachtwoord blijft zoals het is.',
    inviteSubject: 'Je uitnodiging voor {account}',
    invite:
      'Dag {name},\n\nJe bent uitgenodigd om te leren met {account}. Open deze link om je taal en een wachtwoord te kiezen:\n\n{url}\n\nDe link werkt tot en met {lastDay}. Als je je voor die tijd niet registreert, worden je gegevens verwijderd.',
    reminderSubject: 'Je uitnodiging voor {account} staat nog open',
    reminder:
      'Dag {name},\n\nJe hebt je nog niet geregistreerd bij {account}. Open deze link om je taal en een wachtwoord te kiezen:\n\n{url}\n\nDe link werkt tot en met {lastDay}. Als je je voor die tijd niet registreert, worden je gegevens verwijderd.',
    tokenExpirySubject: 'Een token van {connection} vervalt op {lastDay}',
    tokenExpiry:
      'Dag {name},\n\nHet token {token} van de koppeling {connection} in {account} vervalt op {lastDay}. Vanaf dan weigert de server elke synchronisatie, en zet Entra ID de taak meteen in quarantaine.\n\nMaak een nieuw token en plak het in de client terwijl het oude nog werkt:\n\n{url}\n\nBeide tokens werken tot het oude vervalt of wordt ingetrokken.',
    tokenExpiryButton: 'De koppeling openen',
    resetButton: 'Wachtwoord instellen',
    inviteButton: 'Registreren',
    sms: '{account}: registreer je tot en met {lastDay} via deze link: {url}',
  },
};
