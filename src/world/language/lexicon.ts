/**
 * The raw words of the world, before any fact relates them. One line a word, fields separated by `|`;
 * the field names stand beside each list. Everything here was made up for this project.
 */

/** name | pronoun */
export const PEOPLE = `
Mia|she
Nora|she
Ida|she
Lena|she
Rosa|she
Vera|she
Wilma|she
Tess|she
Cleo|she
Ada|she
Tom|he
Otto|he
Ben|he
Hugo|he
Finn|he
Jon|he
Karl|he
Leo|he
Marek|he
Emil|he`;

/** text | at | to */
export const PLACES = `
mill|at the mill|to the mill
river|by the river|to the river
forest|in the forest|into the forest
market|at the market|to the market
bridge|under the bridge|over the bridge
harbour|at the harbour|to the harbour
garden|in the garden|into the garden
school|at the school|to the school
tower|in the tower|up the tower
well|by the well|to the well
barn|in the barn|into the barn
hill|on the hill|up the hill
lake|by the lake|to the lake
inn|at the inn|to the inn`;

/** Adjectives of places. */
export const LOOKS = ['old', 'quiet', 'wide', 'dark', 'green', 'small', 'lovely'];

/** text | article */
export const THINGS = `
kite|a
rope|a
basket|a
hammer|a
key|a
drum|a
wheel|a
boat|a
book|a
coin|a
bell|a
net|a
broom|a
spoon|a
ring|a
hat|a`;

export const STUFFS = ['wood', 'iron', 'straw', 'silver', 'clay', 'wool'];

/** text | habit (third person) */
export const ANIMALS = `
cat|sleeps all day
dog|barks at the moon
goat|eats old hats
hen|hides its eggs
owl|wakes at night
fox|steals bread
pony|jumps over walls
duck|swims in the rain
rabbit|digs deep holes
crow|likes bright things`;

/** text | what one does */
export const TRADES = `
baker|bakes bread
miller|grinds corn
fisher|catches fish
smith|makes iron tools
weaver|weaves warm cloth
teacher|reads to the children
gardener|grows beans
potter|makes clay pots
sailor|sails to the islands
shepherd|leads the sheep`;

export const FOODS = ['plum cake', 'fish soup', 'fresh bread', 'goat cheese', 'red apples', 'bean stew'];

/** feeling | what helps, with its article | reasons, each a clause */
export const MOODS = `
hungry|a warm pie|the bread was gone|the soup pot was empty|there was no food at home
thirsty|a jug of milk|the well was dry|the sun was so hot|the road was long and dusty
cold|a thick coat|the snow was deep|the fire was out|the wind came from the north
tired|a soft pillow|the work was hard|the hill was steep|the night was too short
sad|a merry song|the summer was over|the old tree was dead|the ship was far away
afraid|a bright lantern|the night was so dark|there was thunder|something moved in the shadows
bored|a new game|nothing was new|the rain did not stop|all the books were read
lonely|a long letter|the house was empty|everyone was away|nobody came to visit
angry|a sweet pear|the gate was broken|the door was locked|the dog was too loud
lost|a good map|the path was hidden|the fog was thick|all the trees looked the same`;

export const JOYS = ['glad', 'happy', 'calm', 'proud'];
export const TIMES = ['morning', 'evening', 'day', 'night'];
export const SKIES = ['cold', 'bright', 'windy', 'rainy', 'misty'];
export const COLOURS = ['red', 'blue', 'green', 'yellow', 'white', 'black', 'brown', 'grey'];

/** Each comes after the one before it, the first after the last. */
export const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

export const NUMBER_WORDS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
export const LETTERS = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
