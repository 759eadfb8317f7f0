/** Les mots de la page en français. Mêmes noms que `en.js` ; un test compare les deux. */

import { count, day, decimal, kilometres, time } from '../format.js';

export const KIND = { pothole: 'Nid-de-poule', speed_bump: 'Ralentisseur', joint: 'Joint ou regard', rough: 'Tronçon dégradé', unknown: 'Nature inconnue' };

export const KIND_HINT = {
  pothole: 'Un trou dans la chaussée',
  speed_bump: 'Surélevé exprès, en travers de la route',
  joint: 'Passage à niveau, joint de pont ou bord de regard',
  rough: 'Un tronçon, pas un point',
  unknown: 'Ressenti, mais sa nature n’est pas claire',
};

export const STATUS = { new: 'nouveau', confirmed: 'confirmé', scheduled: 'planifié', repaired: 'réparé', dismissed: 'écarté', reopened: 'rouvert' };

const DIRECTIONS = ['le nord', 'le nord-est', 'l’est', 'le sud-est', 'le sud', 'le sud-ouest', 'l’ouest', 'le nord-ouest'];

export const FILTER = {
  title: 'Légende et filtres',
  kinds: 'Nature',
  statuses: 'État',
  confidence: 'Certitude minimale',
  severity: 'Gravité minimale',
  from: (value) => `dès ${decimal(value)}`,
  any: 'sans limite',
  age: 'Ancienneté',
  ages: { last7: 'ressenti depuis 7 jours', last30: 'ressenti depuis 30 jours', last90: 'ressenti depuis 90 jours', old90: 'connu depuis plus de 90 jours', old365: 'connu depuis plus d’un an' },
  assigned: 'Confié à',
  assignees: { nobody: 'personne', somebody: 'quelqu’un', me: 'moi' },
  street: 'Choisir une rue',
  eraseStreet: 'Toutes les rues',
  draw: 'Tracer une zone',
  eraseArea: 'Effacer la zone',
  all: 'Tout montrer',
  strict: (n) => count(n),
  harder: 'Plus grand : choc plus fort',
  sure: 'certain',
  likely: 'probable',
  doubtful: 'pas encore certain',
};

export const LIST = {
  title: 'Défauts',
  label: 'Défauts. Les flèches parcourent la liste, Entrée ouvre.',
  tabs: 'Contenu de la colonne',
  enlarge: 'Agrandir ou réduire la liste',
  sort: 'Ordre',
  by: { priority: 'par priorité', equity: 'par équité', severity: 'par gravité', age: 'les plus anciens' },
  shown: (n, all, words) => (n === all ? `${words(n)} affichés` : `${words(n)} sur ${words(all)} affichés`),
  felt: (hits, passes) => `${count(hits)} fois sur ${count(passes)}`,
  mark: (kind, id) => `Choisir ${kind} ${id}`,
  previous: 'Défaut précédent',
  next: 'Défaut suivant',
};

export const SEARCH = {
  label: 'Chercher par référence, par personne, ou par lieu : latitude, longitude',
  placeholder: 'Référence, nom ou 47.05, 8.31',
};

export const AREA = {
  title: 'Tracez une zone.',
  hint: 'Cliquez ses angles sur la carte.',
  more: 'Une zone a au moins trois angles.',
  done: 'Terminer',
  view: 'Prendre la vue',
  cancel: 'Annuler',
};

export const STREET = {
  title: 'Choisissez une rue.',
  hint: 'Touchez-la : elle continue tant qu’elle va tout droit.',
  none: 'Aucune rue connue ici. Touchez une rue tracée, ou plus près.',
  middle: 'Celle du milieu',
  cancel: 'Annuler',
};

export const LAYERS = {
  title: 'Ce que montre la carte',
  streets: 'Rues parcourues',
  roughness: 'Leur rugosité',
  coverage: 'Où l’on peut savoir',
  crossings: 'Carrefours',
  hint: { streets: 'plus chaud : plus de passages', roughness: 'moyenne de tous les passages', coverage: 'hachuré : trop peu de voitures, on ne peut rien dire', crossings: 'plus foncé : plus de voitures y freinent' },
  smooth: 'lisse',
  rough: 'dégradé',
  few: 'peu de voitures',
  many: 'beaucoup de voitures',
  unknown: 'inconnu : trop peu de voitures, ou aucune',
};

export const CROSSING = {
  title: (arms) => `Carrefour à ${plural(arms, 'branche', 'branches')}`,
  braking: (share, low, high) => `${share} des voitures y freinent (entre ${low} et ${high}).`,
  from: (approaches, devices) => `D’après ${plural(approaches, 'approche', 'approches')} de ${plural(devices, 'voiture', 'voitures')}.`,
};

export const DETAIL = {
  close: 'Fermer',
  dismissMessage: 'Masquer ce message',
  enlarge: 'Agrandir ou réduire ce panneau',
  severity: 'Gravité',
  severityWords: (value) => (value < 1.5 ? 'À peine ressenti' : value < 3 ? 'Nettement ressenti' : value < 5 ? 'Fort' : 'Très fort'),
  confidence: 'Certitude',
  evidence: (hits, passes, devices) => `Ressenti ${count(hits)} fois en ${passesBy(passes, devices)}.`,
  history: 'Passages au fil du temps',
  passes: 'passages',
  hits: 'ressenti',
  chart: (days, passes, hits) => `Passages en ${plural(days, 'jour', 'jours')} : ${count(passes)}, dont ${count(hits)} l’ont ressenti.`,
  bar: (from, to, passes, hits) => `${from === to ? day(from) : `du ${day(from)} au ${day(to)}`} : ${plural(passes, 'passage', 'passages')}, ressenti ${count(hits)} fois`,
  repairedOn: (when) => `Déclaré réparé le ${day(when)}`,
  noHistory: 'Aucun passage par jour n’est encore connu.',
  place: 'Lieu',
  radius: (metres) => `± ${decimal(metres, metres < 10 ? 1 : 0)} m`,
  radiusHint: 'Le cercle sur la carte : le défaut s’y trouve avec une probabilité d’environ 40 % (1 σ), et de 86 % dans un cercle double.',
  near: 'Zoomer',
  street: 'Toute la rue',
  open: 'M’y conduire',
  openIn: 'ou avec',
  direction: 'Sens',
  heading: (degrees) => `vers ${DIRECTIONS[Math.round(degrees / 45) % 8]} (${Math.round(degrees) % 360}°)`,
  noHeading: 'les deux sens, ou inconnu',
  seen: 'Ressenti',
  seenOn: (first, last) => (day(first) === day(last) ? `le ${day(first)}` : `du ${day(first)} au ${day(last)}`),
  size: { pothole: 'Profondeur', speed_bump: 'Hauteur' },
  sizeOf: ({ m, low, high }) => `environ ${decimal(100 * m, 0)} cm (${decimal(100 * low, 0)} à ${decimal(100 * high, 0)})`,
  sizeHint: 'Estimée d’après les secousses de toutes les voitures, apprise sur des voitures simulées ; neuf fois sur dix entre ces bornes.',
  hitRate: 'Part ressentie',
  priority: 'Priorité',
  status: 'État',
  assignee: 'Confié à',
  nobody: 'personne',
  merged: 'Compte pour',
  id: 'Référence',
  kinds: 'Ce que cela peut être',
  shocks: 'Ce que les voitures ont ressenti',
  shocksLabel: (n, most) => `Chocs verticaux de ${plural(n, 'passage', 'passages')}, superposés, jusqu’à ${decimal(most)} m/s².`,
  shocksHint: (n) => `Accélération verticale (m/s²) selon les mètres de route, ${plural(n, 'passage', 'passages')} ; le trait épais est leur médiane.`,
  noShocks: 'Rien à montrer : trop peu de voitures, ou les tracés ne sont plus conservés.',
  shocksMissing: 'Le chargement a échoué.',
  reports: (n) => (n === 1 ? 'Un signalement à proximité' : `${count(n)} signalements à proximité`),
  away: (metres) => `à ${Math.round(metres)} m`,
  loading: 'Chargement …',
  gone: 'Ce défaut n’est plus listé. Il a pu être réuni avec un autre, ou trop peu de voitures y sont passées.',
  unreachable: 'Son histoire n’a pas pu être chargée : le serveur ne répond pas.',
  refused: (detail) => `Son histoire n’a pas pu être chargée. ${detail}`,
};

export const PHOTO = {
  title: 'Photos du défaut',
  by: (name) => `Photo prise par ${name}`,
  one: (name, when) => `Photo prise par ${name}, ${when}`,
  place: (n, all) => `${n}\u00a0sur\u00a0${all}`,
  previous: 'Photo précédente',
  next: 'Photo suivante',
  alone: 'L’ouvrir seule dans un nouvel onglet',
  add: 'Ajouter une photo',
  hint: 'Visible des seules personnes connectées.',
  sending: 'Envoi de la photo …',
  added: 'Photo ajoutée.',
  known: 'Cette photo y est déjà.',
  delete: 'Supprimer …',
  really: 'Supprimer cette photo pour toujours ?',
  yes: 'Supprimer',
  no: 'La garder',
  deleted: 'Photo supprimée.',
  silent: 'le serveur ne répond pas. Réessayez.',
  noReason: 'sans raison donnée',
  notSent: (why) => `Non ajoutée : ${why}`,
  notDeleted: (why) => `Non supprimée : ${why}`,
};

export const TERMS = {
  title: 'Pourquoi ce rang dans la liste',
  priority: 'Priorité',
  equity: 'Équité',
  name: { confidence: 'il existe', mend: 'il est à réparer', severity: 'sa force', exposure: 'qui est touché, combien de fois', growth: 'il s’aggrave', road_class: 'la vitesse de la rue', hit_rate: 'part des passages touchés', traffic_share: 'trafic habituel d’une telle rue' },
  why: { confidence: 'probabilité', mend: '1 = trou ou chaussée dégradée, 0,5 = joint, 0,2 = ralentisseur', severity: '1 = à peine ressenti', exposure: 'part ressentie, passages, nombre de voitures', growth: '1 = aggravation non établie', road_class: '1 = une rue à 50 km/h', hit_rate: 'même si peu passent', traffic_share: 'quels que soient les participants' },
  from: ({ passes_per_day: perDay, devices, speed }) => `D’après ${decimal(perDay)} passages par jour de ${plural(devices, 'voiture', 'voitures')}${Number.isFinite(speed) ? `, d’ordinaire à ${Math.round(speed * 3.6)} km/h` : ''}.`,
};

export const SIGN_IN = {
  title: 'Cahot · connexion',
  ready: 'Ce lien vous connecte sur cet appareil, une seule fois.',
  noLink: 'Cette adresse est incomplète : ouvrez le lien entier qui vous a été donné, de http à sa dernière lettre.',
  enter: 'Se connecter',
  refused: (detail) => `Cela n’a pas marché : ${detail || 'sans raison donnée'}`,
  silent: 'Le serveur ne répond pas. Réessayez.',
};

export const SESSION = {
  signedIn: (name, role) => `Vous êtes ${name} (${role}).`,
  role: { crew: 'équipe', analyst: 'analyste', admin: 'administration' },
  leave: 'Se déconnecter',
};

export const TRIAGE = {
  title: 'Que faut-il faire ?',
  note: 'Note pour l’équipe',
  noteOnly: 'Noter',
  noted: 'note ajoutée',
  become: { new: 'Remettre à nouveau', confirmed: 'Confirmer', scheduled: 'Planifier', repaired: 'Est réparé', dismissed: 'Écarter', reopened: 'Rouvrir' },
  dismissAs: 'Écarter comme',
  noDefect: 'Pas un défaut',
  asset: { casting: 'Regard ou grille', hump: 'Ralentisseur voulu', crossing: 'Passage à niveau', joint: 'Joint de pont' },
  knownAs: (sort) => `connu comme ${{ casting: 'regard ou grille', hump: 'ralentisseur', crossing: 'passage à niveau', joint: 'joint de pont' }[sort] ?? sort}`,
  assign: 'Confier …',
  assignTo: 'Qui s’en charge ?',
  assignee: 'Nom d’une personne ou d’une équipe',
  me: (name) => `Moi (${name})`,
  nobody: 'Personne',
  give: 'Confier',
  assigned: (name) => `confié à ${name}`,
  unassigned: 'confié à personne',
  merge: 'Le même que …',
  mergeWith: 'Lequel est le même ?',
  mergeHint: 'Choisissez-le ici ou cliquez-le sur la carte. Il compte alors comme partie de celui-ci.',
  merged: 'Les deux ne font plus qu’un.',
  away: (metres) => `à ${Math.round(metres)} m`,
  split: 'Séparer …',
  splitHow: 'Il y en a deux :',
  splitBy: { position: 'l’un après l’autre', side: 'côte à côte' },
  parted: 'Un défaut en est devenu deux.',
  saved: 'Enregistré.',
  done: (words) => `Enregistré : ${words}.`,
  undo: 'Annuler',
  undone: 'C’est annulé.',
  silent: 'Non enregistré : le serveur ne répond pas. Réessayez.',
  refused: (detail) => `Non enregistré : ${detail || 'sans raison donnée'}`,
  conflict: (by, status) => `Non enregistré, car quelqu’un a été plus rapide : ${by} l’a mis à « ${status} ».`,
  again: 'Enregistrer quand même',
  leave: 'Laisser ainsi',
  tickAll: 'Choisir tout ce qui est affiché',
  tickNone: 'Ne rien choisir',
  ticked: (n) => `${count(n)} choisis`,
  more: 'Autres …',
  tour: 'Préparer une tournée',
  many: (words, done, not, why) => `${plural(done, 'défaut', 'défauts')} : ${words}.${not ? ` ${count(not)} inchangés : ${why}` : ''}`,
  manyUndone: (n, all) => `Annulé : ${count(n)} sur ${count(all)}.`,
  trail: 'Ce qui a été dit',
  who: (when, by) => `${when}, ${by}`,
  tookBack: 'annulé',
  joined: (id) => `réuni avec ${id}`,
  split1: (id) => `séparé de ${id}`,
  repair: ({ verdict, silent_passes: passes, silent_devices: cars, hits, repaired_at, since = repaired_at }) => `${{ seems_repaired: 'Semble réparé, sans que personne l’ait dit', holds: 'La réparation tient', marked: 'Pas encore certain', reopened: 'Secoue de nouveau, rouvert' }[verdict] ?? verdict} : ${plural(passes, 'passage silencieux', 'passages silencieux')} de ${plural(cars, 'voiture', 'voitures')}${since ? ` depuis le ${day(since)}` : ''}, ${plural(hits, 'passage', 'passages')} avec secousse.`,
};

export const TOUR = {
  title: 'Tournée',
  chosen: (n) => `Une tournée : ${plural(n, 'défaut choisi', 'défauts choisis')} dans la liste.`,
  worthwhile: 'Une tournée des défauts ouverts les plus utiles à traiter ; ou choisissez-en dans la liste.',
  stops: 'Arrêts',
  crews: 'Équipes',
  hours: 'Heures chacune',
  minutes: 'Minutes par arrêt',
  start: 'Départ',
  startHint: 'Cliquez le lieu de départ.',
  depot: 'Arrivée',
  depotHint: 'Cliquez le lieu d’arrivée.',
  noDepot: 'au dernier arrêt',
  middle: 'milieu de la carte',
  here: 'là où je suis',
  click: 'un lieu sur la carte …',
  useMiddle: 'Milieu de la carte',
  cancel: 'Annuler',
  finding: 'Recherche de votre position …',
  notFound: 'Cet appareil ne dit pas où il est.',
  plan: 'Préparer la tournée',
  planning: 'Calcul en cours …',
  silent: 'Le serveur ne répond pas. Réessayez.',
  refused: (detail) => `Pas de tournée : ${detail || 'sans raison donnée'}`,
  print: 'Imprimer',
  crew: (n, of) => (of > 1 ? `Équipe ${n}` : 'La tournée'),
  sum: (stops, way, time1) => `${plural(stops, 'arrêt', 'arrêts')}, ${way}, ${time1}`,
  lasts: (seconds) => `${Math.floor(seconds / 3600)} h ${String(Math.floor((seconds % 3600) / 60)).padStart(2, '0')}`,
  arrive: (after) => `après ${after}`,
  leg: (way) => `${way} de route`,
  leftOut: (n) => `${plural(n, 'défaut laissé', 'défauts laissés')} de côté : les heures ne suffisent pas.`,
  order: 'Nº',
  arrival: 'Arrivée après',
};

export const REPORT = {
  title: 'Signaler un défaut',
  tap: 'Cliquez le lieu sur la carte.',
  useMiddle: 'Milieu de la carte',
  useHere: 'Là où je suis',
  cancel: 'Annuler',
  finding: 'Recherche de votre position …',
  notFound: 'Cet appareil ne dit pas où il est. Cliquez le lieu sur la carte.',
  what: 'Qu’est-ce que c’est ?',
  kinds: { lamp: 'Éclairage public', graffiti: 'Graffiti sauvage', sign_not_visible: 'Panneau illisible', other: 'Autre chose' },
  where: 'Lieu :',
  again: 'en choisir un autre',
  note: 'Un mot à ce sujet (si vous voulez)',
  privacy: 'L’équipe des routes le lira. N’écrivez rien sur des personnes.',
  send: 'Envoyer le signalement',
  thanks: 'Merci. Votre signalement est chez l’équipe.',
  known: 'Merci. Il était déjà connu ; votre signalement y est joint.',
  mine: 'Ce que sont devenus vos signalements',
  see: 'voir sur la carte',
  status: { new: 'nouveau', confirmed: 'confirmé', scheduled: 'planifié', repaired: 'réparé', dismissed: 'écarté', reopened: 'rouvert' },
  silent: 'Non envoyé : le serveur ne répond pas. Réessayez.',
  refused: (detail) => `Non envoyé : ${detail || 'sans raison donnée'}`,
};

export const PRINT = {
  made: (when) => `Imprimé le ${day(when)}, ${time(when)}`,
  map: 'La carte telle qu’on la voit',
  kind: 'Nature',
  done: 'Fait',
  cut: (n) => `et ${n} autres ; filtrez la liste pour en avoir une plus courte.`,
};

export const STATE = {
  loading: 'Chargement …',
  line: (defects, metres, at) => `${plural(defects, 'défaut', 'défauts')} sur ${kilometres(metres)} · à jour à ${time(at)}`,
  cut: (n) => `Plus de ${count(n)} défauts ici : les plus urgents sont montrés, zoomez pour tout voir`,
  silent: (since) => (since ? `Le serveur ne répond plus depuis ${time(since)}. Nouvel essai en cours.` : 'Le serveur ne répond pas. Nouvel essai en cours.'),
  refused: (detail) => `Le serveur refuse : ${detail || 'sans raison donnée'}`,
  emptyTitle: 'Pas encore de défauts',
  empty: (k) => `Ils apparaissent ici avec les trajets, dès qu’au moins ${plural(k, 'voiture', 'voitures différentes')} sont passées au même endroit.`,
  silentTitle: 'Le serveur ne répond pas',
  silentHelp: 'Cette page réessaie d’elle-même. Si cela dure : « cahot serve » tourne-t-il encore, et cet appareil est-il sur le même réseau ?',
  noWebglTitle: 'Ce navigateur ne peut pas dessiner la carte',
  noWebgl: 'La carte a besoin de WebGL 2, désactivé ou absent ici. Firefox, Chrome, Edge ou Safari récents l’ont.',
};

export const MAP = {
  title: 'Cahot · défauts de la route',
  label: 'Carte des défauts de la route. Les flèches la déplacent, plus et moins zooment.',
  controls: { 'NavigationControl.ZoomIn': 'Zoomer', 'NavigationControl.ZoomOut': 'Dézoomer', 'NavigationControl.ResetBearing': 'Nord en haut', 'Map.Title': 'Carte des défauts de la route', 'AttributionControl.ToggleAttribution': 'Sources de cette carte' },
};

function passesBy(passes, devices) {
  return `${plural(passes, 'passage', 'passages')} de ${plural(devices, 'voiture', 'voitures')}`;
}

function plural(n, one, many) {
  return `${count(n)} ${n < 2 ? one : many}`;
}
