// Oorzaak en oplossing van elke foutcode in het Nederlands.

import type { Remedies } from './remedies.ts';

export const nl: Remedies = {
  required: {
    cause: 'Een verplicht attribuut is in de client niet gekoppeld, of is voor deze mensen leeg in de bron.',
    fix: 'Vul het attribuut in de bron in, of koppel het. Wil je onvolledige gebruikers aanvaarden en zien wat ontbreekt, laat het account verplichte gegevens dan alleen melden.',
  },
  tooLong: {
    cause: 'Een tekst in de bron is langer dan deze server bewaart.',
    fix: 'Kort de tekst in de bron in, of knip ze af in de attribuutkoppeling.',
  },
  tooMany: {
    cause: 'Een verzoek heeft meer elementen dan één verzoek mag hebben.',
    fix: 'Stuur er minder tegelijk; wijs groepen één na één toe aan de toepassing.',
  },
  wrongType: {
    cause: 'De attribuutkoppeling stuurt een ander type dan het attribuut heeft, zoals een tekst voor een getal.',
    fix: 'Verbeter de uitdrukking van de koppeling; het antwoord op een geweigerd verzoek noemt het attribuut en het juiste type.',
  },
  invalidValue: {
    cause: 'Een waarde in de bron heeft een vorm die niet mag, zoals een landnaam in plaats van een landnummer.',
    fix: 'Verbeter de waarde in de bron, of zet ze om in de attribuutkoppeling; het antwoord noemt attribuut en regel.',
  },
  uniqueness: {
    cause:
      'Een andere gebruiker of groep heeft hier dezelfde gebruikersnaam of External ID: vaak iemand die eerder werd geïmporteerd of uitgenodigd.',
    fix: 'Koppel op een attribuut dat beide kanten hebben, zodat de client de bestaande gebruiker vindt. Wijzig anders een van de twee.',
  },
  notFound: {
    cause: 'De client verwijst naar een gebruiker of groep die hier is verwijderd.',
    fix: 'Start de synchronisatie in de client opnieuw, zodat hij iedereen weer opzoekt.',
  },
  memberNotFound: {
    cause:
      'Een groep heeft een lid dat hier niet is: de client heeft die persoon niet aangemaakt, het aanmaken werd geweigerd, of de persoon werd hier verwijderd.',
    fix: 'Wijs ook die persoon toe aan de toepassing, en zoek naar een geweigerde aanmaak ervoor. Werd de persoon hier verwijderd, trek dan de toewijzing in en wijs opnieuw toe.',
  },
  nestedGroup: {
    cause: 'Een groep heeft een andere groep als lid; gebruikersgroepen hebben hier geen hiërarchie.',
    fix: 'Wijs de groepen met de mensen zelf toe.',
  },
  mutability: {
    cause:
      'De client wijzigt een attribuut dat alleen de server of een beheerder mag wijzigen, of de leden van een afgeleide groep.',
    fix: 'Haal het attribuut uit de koppeling, of de groep uit de toewijzing.',
  },
  userLimit: {
    cause: 'Het account heeft zoveel actieve gebruikers als het contract toelaat.',
    fix: 'Deactiveer wie vertrokken is, of laat de limiet verhogen.',
  },
  ambiguousIdentity: {
    cause: 'Een rij van een bestand past bij meer dan één gebruiker.',
    fix: 'Zet de External ID in de rij.',
  },
  possibleDuplicate: {
    cause: 'Een rij heeft het e-mailadres van een gebruiker met een andere External ID, misschien dezelfde persoon.',
    fix: 'Verbeter de External ID in het bestand, of wijzig het e-mailadres van een van beiden.',
  },
  unknownReference: {
    cause: 'Er wordt een rol, eenheid, organisatie, inschrijvingsprofiel of winkel genoemd die hier niet bestaat.',
    fix: 'Maak die eerst aan, of verbeter de naam in de bron.',
  },
  inUse: {
    cause: 'Iets moet weg dat gebruikers nog hebben.',
    fix: 'Verplaats eerst de gebruikers en verwijder het dan.',
  },
  forbidden: {
    cause:
      'De toegangsgegevens, of de rol van de beheerder, laten dit niet toe. Een verbinding leest winkels en organisatie-eenheden via SCIM alleen, zolang ze die niet mag schrijven.',
    fix: 'Gebruik een token van deze verbinding, of vraag het recht. Zet voor winkels en organisatie-eenheden “Schrijft winkels en organisatie-eenheden” aan in de verbinding, in de console of met `connection set NAME --stores-and-units write`.',
  },
  preconditionFailed: {
    cause: 'Twee clients wijzigen hetzelfde, en een ervan werkt met een oude versie.',
    fix: 'Bij de volgende synchronisatie lost het zich op. Komt het terug, laat dan maar één koppeling deze gebruikers schrijven.',
  },
  busy: {
    cause: 'Veel verzoeken wijzigen tegelijk hetzelfde, of de server heeft geen plaats voor meer verzoeken.',
    fix: 'De client probeert het zelf opnieuw. Komt het elke dag terug, spreid dan het werk: minder toewijzingen tegelijk.',
  },
  filter: {
    cause: 'De client zoekt met een attribuut of operator die de server niet heeft.',
    fix: 'Kies userName, externalId of het werkadres als overeenkomend attribuut in de attribuutkoppeling van de client.',
  },
  path: {
    cause: 'De attribuutkoppeling noemt een attribuut dat hier niet bestaat.',
    fix: 'Vergelijk de koppeling met de attribuuttabel en verwijder of verbeter de rij. Of laat deze koppeling onbekende attributen negeren.',
  },
  syntax: {
    cause: 'De client stuurt een verzoek die geen geldige JSON is, of geen SCIM-bericht.',
    fix: 'Open een van de geweigerde verzoeken in de tijdlijn: het antwoord noemt de plaats. Meld het aan de maker van de client.',
  },
  cursor: {
    cause: 'De client gaat te laat verder met een lijst, of met andere parameters dan waarmee hij begon.',
    fix: 'Start de import opnieuw. Komt het terug, gebruik dan pagina’s met startIndex.',
  },
  outage: {
    cause: 'De server of zijn database was niet bereikbaar.',
    fix: 'De client probeert het zelf opnieuw. Blijft het duren, vraag dan de beheerder van de server, met het verzoeknummer van een gebeurtenis.',
  },
  expired: {
    cause: 'Het token van deze koppeling is vervallen.',
    fix: 'Maak hier een nieuw token en plak het in de client als geheim token. Test daar dan de verbinding.',
  },
  revoked: {
    cause: 'De client gebruikt een token dat werd ingetrokken.',
    fix: 'Plak het huidige token in de client, of maak een nieuw. Test daar dan de verbinding.',
  },
  address: {
    cause: 'De client roept een adres op dat hier niet bestaat, of iets dat werd verwijderd.',
    fix: 'Vergelijk de Tenant URL met die op de installatiepagina. Start anders de synchronisatie opnieuw.',
  },
  method: {
    cause: 'De client gebruikt een methode die het adres niet heeft.',
    fix: 'Vergelijk de Tenant URL met die op de installatiepagina: hij moet eindigen op /scim/v2.',
  },
  size: {
    cause: 'Een verzoek is groter dan de server aanvaardt.',
    fix: 'Stuur minder leden of bewerkingen tegelijk.',
  },
  mediaType: {
    cause: 'De client stuurt inhoud die geen JSON is.',
    fix: 'Stel het inhoudstype in de client in op application/scim+json.',
  },
  unknown: {
    cause: 'De verzoeken werden geweigerd om een reden die in elk antwoord staat.',
    fix: 'Open een van de geweigerde verzoeken in de tijdlijn en volg de zin van het antwoord.',
  },
};
