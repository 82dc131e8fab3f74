/**
 * A file like com.oracle.elsa-all.xml.bz2, packed with bzip2 1.0.8: ELSA-2025-1 (bash below 5.1.8-9.el9 on 9), and a
 * definition `oval:com.oracle.elsa:def:20252` without an id of Oracle's.
 */
export const sampleOval = Buffer.from(
  'QlpoOTFBWSZTWdHpbV0AAFFfgAAQUGPyd6YHmMC/599gMAGErAGhIyEaZGmJtRoaepoNMJpoJUxTTUaMjRoaDQ0Gg0GgEkQJM00SY1MhoAAAG0gJHXfkWwPDJMFBV09oWqDLTF8QUCiFKdSfORN6Wyit8At/lgsEl7N0az2Th7II2GcsXEVDkJ0Y4ATVBToloyGEeCwGjFGjhiae6gkeTFYcEE5bVYEcgjkK3VxJ8KaYhCmOlhc1kInyuZVR4KMLp8C2pN17FrcHMvPBCOSoccxN3MJUZk0jA0BHdTmIhWBYDgEs1TSGqI2OfYMVFAhMThAJYDyM+c0ZrpZ/qGNVC2j7CQyDz2saRpvNnIcMRcE0gbRCu5cjMk1pBXaxr14oIc8zUXpkokBYIIBjBt5ZgsiQVnGc1tGc3Ghp+kyjIKGgjtgYMoRGtZDiWRkYLOxuMnlA/qlWOlhyEr7oyYVRTzgsSxqbEZZLChsTuRuYcHCbq4Vb6QQZERwkYPTmelrZ4wFFV8Hv/xdyRThQkNHpbV0=',
  'base64',
);
