// Made-up photos for those who have none at hand: a parking ticket under a wiper, which the built-in model can read,
// and receipts, which the local reader reads like any other.

export async function samplePhoto(kind, words) {
  const answer = await fetch(`/demo/${kind}`, { method: "POST", body: words });
  return new File([await answer.blob()], `${kind}.jpg`, { type: "image/jpeg" });
}
