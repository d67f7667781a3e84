/**
 * Passwords that everybody tries first, in lower case: whole ones, and stems that people lengthen with digits and
 * signs (the check strips those). Shorter ones stand here as stems only, since ten characters are asked for anyway.
 */
const WORDS = `
password passw0rd p@ssword p@ssw0rd pa55word pa$$word passwort motdepasse contrasena contraseña senha wachtwoord haslo
passwordpassword password123password mypassword newpassword yourpassword thepassword changeme changemenow changeit
letmein letmeinnow welcome welcometo welcomeback admin administrator adminadmin adminpassword root rootroot toor
superuser supervisor manager manis manismanis default guest guestguest user username testtest testing tester test
qwerty qwertyuiop qwertyui qwertz qwertzuiop azerty azertyuiop asdfghjkl asdfghjkl; asdfasdf asdf zxcvbnm zxcvbnm,./
qwertyqwerty qwerty123qwerty 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx 1qaz2wsx3edc 1qazxsw2 zaq12wsx zaq1zaq1 q1w2e3r4
q1w2e3r4t5 q1w2e3r4t5y6 qazwsx qazwsxedc qazwsxedcrfv 1234qwer qwer1234 qweasdzxc qweasd 123qweasd 123qweasdzxc
iloveyou iloveyou2 iloveyouforever ilovegod ihateyou loveyou lovelove loveme mylove princess sunshine shadow dragon
monkey master mastermind football baseball basketball superman batman spiderman starwars pokemon trustno1 whatever
freedom liverpool chelsea arsenal barcelona realmadrid manchester computer internet samsung google facebook microsoft
michael jennifer jessica michelle charlie jordan daniel ashley nicole hunter buster thomas robert matthew andrew joshua
secret secretsecret topsecret mysecret supersecret verysecret access access14 login loginlogin abcdefg abcd1234 abc123
abcabcabc aaaaaaaaaa 1111111111 0000000000 1234567890 0123456789 12345678910 9876543210 0987654321 123123123123
123123123 1231231234 1212121212 1122334455 11223344556 112233445566 147258369 147258369a 1472583690 159753159753
123456123456 1234512345 123456789a 123456789q a123456789 q123456789 12345qwert qwert12345 asdf1234asdf a1b2c3d4e5
summer winter spring autumn january february october november december monday friday sunday company corporate business
correcthorsebatterystaple hellohello helloworld hello cheese cookie chocolate butterfly flower blink182 jesuschrist
temppassword temporary temp temp1234 initial initial1 firstlogin onetimepassword server database oracle cisco juniper
ubnt raspberry alpine vagrant ansible kubernetes docker postgres postgresql mysql mariadb mongodb redis jenkins grafana
`;

export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(WORDS.split(/\s+/).filter((word) => word !== ''));
