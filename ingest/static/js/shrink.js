/** A photo made smaller before it is sent: the network in a street is slow, and the server keeps no more of it anyway. */

const LONGEST = 1600; // pixels, as the server keeps it
const ENOUGH = 1_000_000; // bytes that are sent as they are

/** A JPEG of the file, upright, without place or camera; the file itself where it is small, or where this browser cannot. */
export async function shrunk(file) {
  if (file.size <= ENOUGH) return file;
  try {
    const image = await createImageBitmap(file); // upright
    const scale = Math.min(LONGEST / Math.max(image.width, image.height), 1);
    const canvas = new OffscreenCanvas(Math.max(Math.round(image.width * scale), 1), Math.max(Math.round(image.height * scale), 1));
    const brush = canvas.getContext('2d');
    if (!tellsTheTruth(brush)) return file;
    brush.imageSmoothingQuality = 'high';
    brush.fillStyle = '#fff';
    brush.fillRect(0, 0, canvas.width, canvas.height);
    brush.drawImage(image, 0, 0, canvas.width, canvas.height);
    image.close();
    return await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 });
  } catch {
    return file; // the server says what is wrong with it
  }
}

/** Some browsers give noise in place of what was drawn, against fingerprinting. */
function tellsTheTruth(brush) {
  brush.fillStyle = '#f00';
  brush.fillRect(0, 0, 1, 1);
  const [red, green] = brush.getImageData(0, 0, 1, 1).data;
  return red > 200 && green < 50;
}
